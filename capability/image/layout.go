// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package image

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
)

// keep writes the image alone into an OCI layout.
func keep(dir string, image v1.Image) error {
	path, err := layout.Write(dir, empty.Index)
	if err == nil {
		err = path.AppendImage(image)
	}
	if err != nil {
		return fmt.Errorf("keep the image: %w", err)
	}
	return nil
}

// look gives the digest of the image that keep wrote, if all of it is there.
func look(dir string) (digest v1.Hash, ok bool) {
	index, err := layout.ImageIndexFromPath(dir)
	if err != nil {
		return v1.Hash{}, false
	}
	manifest, err := index.IndexManifest()
	if err != nil || len(manifest.Manifests) != 1 {
		return v1.Hash{}, false
	}
	digest = manifest.Manifests[0].Digest
	image, err := index.Image(digest)
	return digest, err == nil && whole(dir, image)
}

// whole tells whether the blobs have the length that the manifest says: after a power failure they may not.
func whole(dir string, image v1.Image) bool {
	manifest, err := image.Manifest()
	if err != nil {
		return false
	}
	for _, blob := range append(slices.Clone(manifest.Layers), manifest.Config) {
		info, err := os.Stat(filepath.Join(dir, "blobs", blob.Digest.Algorithm, blob.Digest.Hex))
		if err != nil || info.Size() != blob.Size {
			return false
		}
	}
	return true
}
