// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package image

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
)

// A shelf is a directory of built images: below each key an OCI layout with one image. An
// entry appears whole, by a rename, and its modification time tells its last use.
type shelf struct{ dir string }

const (
	shelved   = 40             // that many entries are kept, those used last
	inUse     = time.Hour      // nothing is pruned that was used this recently
	abandoned = 24 * time.Hour // a desk that was not cleared for that long has no owner
	deskName  = ".desk-"
)

// find gives the image of that key if it is there whole.
func (s shelf) find(key string) (dir string, digest v1.Hash, ok bool) {
	dir = filepath.Join(s.dir, key)
	index, err := layout.ImageIndexFromPath(dir)
	if err != nil {
		return "", v1.Hash{}, false
	}
	manifest, err := index.IndexManifest()
	if err != nil || len(manifest.Manifests) != 1 {
		return "", v1.Hash{}, false
	}
	digest = manifest.Manifests[0].Digest
	image, err := index.Image(digest)
	if err != nil || !whole(dir, image) {
		return "", v1.Hash{}, false
	}
	now := time.Now()
	_ = os.Chtimes(dir, now, now) // pruned a little early at worst
	return dir, digest, true
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

// desk makes a directory to work in, on the shelf's own file system.
func (s shelf) desk() (string, error) {
	if err := os.MkdirAll(s.dir, 0o755); err != nil {
		return "", fmt.Errorf("make the directory that keeps images: %w", err)
	}
	desk, err := os.MkdirTemp(s.dir, deskName)
	if err != nil {
		return "", fmt.Errorf("make a directory to build in: %w", err)
	}
	return desk, nil
}

// put writes the image into the empty directory draft and moves it to its place. When another process was
// faster, its image stays: it was made from the same sources. What is broken there is replaced.
func (s shelf) put(key, draft string, image v1.Image) error {
	path, err := layout.Write(draft, empty.Index)
	if err == nil {
		err = path.AppendImage(image)
	}
	if err != nil {
		return fmt.Errorf("keep the image: %w", err)
	}
	if _, _, ok := s.find(key); ok {
		return nil
	}
	place := filepath.Join(s.dir, key)
	if err := s.drop(place); err != nil {
		return fmt.Errorf("replace a broken image: %w", err)
	}
	if err := os.Rename(draft, place); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("keep the image: %w", err)
	}
	s.prune()
	return nil
}

// drop takes an entry away, first out of sight and then from the disk.
func (s shelf) drop(place string) error {
	desk, err := s.desk()
	if err != nil {
		return err
	}
	if err := os.Rename(place, filepath.Join(desk, "dropped")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.RemoveAll(desk)
}

// prune drops what was not used for long. It is housekeeping: a failure leaves it to the next build.
func (s shelf) prune() {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return
	}
	var kept []fs.FileInfo
	for _, e := range entries {
		info, err := e.Info()
		switch {
		case err != nil:
		case !strings.HasPrefix(e.Name(), deskName):
			kept = append(kept, info)
		case time.Since(info.ModTime()) > abandoned:
			_ = os.RemoveAll(filepath.Join(s.dir, e.Name()))
		}
	}
	slices.SortFunc(kept, func(a, b fs.FileInfo) int { return cmp.Compare(b.ModTime().UnixNano(), a.ModTime().UnixNano()) })
	for _, old := range kept[min(shelved, len(kept)):] {
		if time.Since(old.ModTime()) > inUse {
			_ = s.drop(filepath.Join(s.dir, old.Name()))
		}
	}
}
