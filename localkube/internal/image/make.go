// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package image

import (
	"archive/tar"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"runtime"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"

	"nationtech.io/harmony/localkube/internal/fault"
)

// registry is no registry: what is named after it is only ever loaded.
const registry = "localkube.internal/"

// Archive is an image in a file.
type Archive struct {
	Reference string `json:"reference"`
	File      string `json:"file"`
}

// Make makes an image that has one static binary and runs it as a user that is
// not root, and writes it to file. The tag is what the binary was built from.
func Make(binary, tag, file string) (Archive, error) {
	ref, err := reference(filepath.Base(binary), tag)
	if err != nil {
		return Archive{}, err
	}
	img, err := static(binary)
	if err != nil {
		return Archive{}, fault.Wrap(fault.Build, err, "make image %s", ref)
	}
	if err := tarball.WriteToFile(file, ref, img); err != nil {
		return Archive{}, fault.Wrap(fault.Build, err, "write image %s", ref)
	}
	return Archive{Reference: ref.String(), File: file}, nil
}

// Reference is what Make calls the image of a program.
func Reference(program, tag string) (string, error) {
	ref, err := reference(program, tag)
	return ref.String(), err
}

func reference(program, tag string) (name.Tag, error) {
	ref, err := name.NewTag(registry + program + ":" + tag)
	if err != nil {
		return ref, fault.Wrap(fault.Build, err, "name an image")
	}
	return ref, nil
}

func static(binary string) (v1.Image, error) {
	content, err := os.ReadFile(binary)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	header := &tar.Header{Typeflag: tar.TypeReg, Name: filepath.Base(binary), Mode: 0o755, Size: int64(len(content))}
	if err := w.WriteHeader(header); err != nil {
		return nil, err
	}
	if _, err := w.Write(content); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	// The archive goes no further than this machine: compressing it would only cost time.
	layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(b.Bytes())), nil
	}, tarball.WithCompressionLevel(0))
	if err != nil {
		return nil, err
	}
	img, err := mutate.AppendLayers(empty.Image, layer)
	if err != nil {
		return nil, err
	}
	config, err := img.ConfigFile()
	if err != nil {
		return nil, err
	}
	config = config.DeepCopy()
	config.OS, config.Architecture = "linux", runtime.GOARCH
	config.Config.Entrypoint = []string{"/" + filepath.Base(binary)}
	config.Config.User = "65532:65532"
	return mutate.ConfigFile(img, config)
}
