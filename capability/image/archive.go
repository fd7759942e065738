// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package image

import (
	"archive/tar"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
)

// Image gives the image for go-containerregistry.
func (b Built) Image() (v1.Image, error) {
	path, err := layout.FromPath(b.dir)
	if err != nil {
		return nil, fmt.Errorf("read the image that was kept: %w", err)
	}
	image, err := path.Image(b.Digest)
	if err != nil {
		return nil, fmt.Errorf("read the image that was kept: %w", err)
	}
	return image, nil
}

// WriteArchive writes the image as an OCI archive, which containerd imports under the
// name reference and with the digest that it has here. (The archive of docker save, which is
// more common, carries no OCI manifest: the importer makes one, with a digest of its own.)
func (b Built) WriteArchive(to io.Writer, reference string) error {
	index, err := b.named(reference)
	if err != nil {
		return fmt.Errorf("name the image %s: %w", reference, err)
	}
	w := tar.NewWriter(to)
	for _, f := range []struct {
		name string
		text []byte
	}{{"oci-layout", []byte(`{"imageLayoutVersion":"1.0.0"}`)}, {"index.json", index}} {
		header := tar.Header{Name: f.name, Mode: 0o644, Size: int64(len(f.text)), ModTime: time.Unix(0, 0)}
		if err := w.WriteHeader(&header); err != nil {
			return fmt.Errorf("write the archive: %w", err)
		}
		if _, err := w.Write(f.text); err != nil {
			return fmt.Errorf("write the archive: %w", err)
		}
	}
	blobs, err := filepath.Glob(filepath.Join(b.dir, "blobs", "*", "*"))
	if err != nil {
		return fmt.Errorf("list what the image consists of: %w", err)
	}
	for _, blob := range blobs {
		if err := b.append(w, blob); err != nil {
			return fmt.Errorf("write the archive: %w", err)
		}
	}
	if err := w.Close(); err != nil {
		return fmt.Errorf("write the archive: %w", err)
	}
	return nil
}

// named is the layout's index with the image named as containerd reads it.
func (b Built) named(reference string) ([]byte, error) {
	index, err := layout.ImageIndexFromPath(b.dir)
	if err != nil {
		return nil, err
	}
	manifest, err := index.IndexManifest()
	if err != nil {
		return nil, err
	}
	manifest = manifest.DeepCopy()
	for i := range manifest.Manifests {
		manifest.Manifests[i].Annotations = map[string]string{"io.containerd.image.name": reference}
	}
	return json.Marshal(manifest)
}

func (b Built) append(w *tar.Writer, blob string) error {
	name, err := filepath.Rel(b.dir, blob)
	if err != nil {
		return err
	}
	f, err := os.Open(blob)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // only read
	info, err := f.Stat()
	if err != nil {
		return err
	}
	header := tar.Header{Name: filepath.ToSlash(name), Mode: 0o644, Size: info.Size(), ModTime: time.Unix(0, 0)}
	if err := w.WriteHeader(&header); err != nil {
		return err
	}
	_, err = io.Copy(w, f)
	return err
}
