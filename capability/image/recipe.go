// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package image

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// recipe is the version of how an image is made; raise it with any change below.
const recipe = 1

const (
	passwd = "root:x:0:0:root:/:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/tmp:/sbin/nologin\n"
	group  = "root:x:0:\nnonroot:x:65532:\n"
	user   = "65532:65532"
)

var errNotAProgram = errors.New("the package is not a main package: it builds no program")

// assemble makes the image of a static Linux program, which it runs as /name.
func assemble(program, name string, platform Platform) (v1.Image, error) {
	code, err := os.ReadFile(program)
	if err != nil {
		return nil, fmt.Errorf("read the built program: %w", err)
	}
	if !bytes.HasPrefix(code, []byte("\x7fELF")) {
		return nil, errNotAProgram
	}
	content, err := contents(name, code)
	if err != nil {
		return nil, fmt.Errorf("pack the program: %w", err)
	}
	layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(content)), nil
	}, tarball.WithMediaType(types.OCILayer), tarball.WithCompressedCaching)
	if err != nil {
		return nil, fmt.Errorf("compress the program: %w", err)
	}
	base := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	image, err := mutate.AppendLayers(base, layer)
	if err != nil {
		return nil, fmt.Errorf("assemble the image: %w", err)
	}
	config, err := image.ConfigFile()
	if err != nil {
		return nil, fmt.Errorf("assemble the image: %w", err)
	}
	config = config.DeepCopy()
	config.OS, config.Architecture = "linux", platform.Arch
	config.Created = v1.Time{Time: time.Unix(0, 0).UTC()}
	config.Config = v1.Config{
		User:       user,
		Entrypoint: []string{"/" + name},
		Env:        []string{"PATH=/", "HOME=/tmp"},
		WorkingDir: "/",
		Labels:     map[string]string{"org.opencontainers.image.title": name},
	}
	if image, err = mutate.ConfigFile(image, config); err != nil {
		return nil, fmt.Errorf("assemble the image: %w", err)
	}
	return image, nil
}

// contents is the image's only layer: the same bytes for the same program.
func contents(name string, code []byte) ([]byte, error) {
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, f := range []struct {
		name string
		mode int64
		text []byte
	}{
		{"etc/", 0o755, nil},
		{"etc/group", 0o644, []byte(group)},
		{"etc/passwd", 0o644, []byte(passwd)},
		{"tmp/", 0o1777, nil},
		{name, 0o755, code},
	} {
		header := tar.Header{
			Name: f.name, Mode: f.mode, Size: int64(len(f.text)),
			ModTime: time.Unix(0, 0).UTC(), Typeflag: tar.TypeReg, Format: tar.FormatUSTAR,
		}
		if f.text == nil {
			header.Typeflag = tar.TypeDir
		}
		if err := w.WriteHeader(&header); err != nil {
			return nil, err
		}
		if _, err := w.Write(f.text); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
