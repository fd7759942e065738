// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package image

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"golang.org/x/sync/singleflight"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/internal/source"
	"nationtech.io/harmony/internal/source/shelf"
	"nationtech.io/harmony/internal/source/toolchain"
)

// A Platform is what an image is built for; its operating system is always Linux.
type Platform struct{ Arch string }

func (p Platform) String() string { return "linux/" + p.Arch }

// Platforms are those that every first-party image is published for.
func Platforms() []Platform { return []Platform{{Arch: "amd64"}, {Arch: "arm64"}} }

// A Builder builds images from Go sources and keeps them: an image whose sources did not
// change is not built again. The zero value is ready, and may be used from
// several goroutines; several processes may share its directory.
type Builder struct {
	// Dir is where images are kept: $XDG_CACHE_HOME/harmony/images when empty.
	Dir string

	flights singleflight.Group
}

// Built is an image that lies on this machine.
type Built struct {
	Name     string
	Platform Platform
	Digest   v1.Hash // of its manifest

	dir string // an OCI layout
}

// Build builds the image for one platform, or finds it where it was kept. Its errors are the
// Diagnostics NoSources, NoGoToolchain and ImageNotBuilt.
func (b *Builder) Build(ctx context.Context, image Image, platform Platform) (Built, error) {
	tree, err := sources(ctx, image)
	if err != nil {
		return Built{}, err
	}
	golang, err := toolchain.Find(ctx, tree.Dir)
	if err != nil {
		return Built{}, notBuilt(ctx, image, tree, err)
	}
	kept, err := b.shelf()
	if err != nil {
		return Built{}, notBuilt(ctx, image, tree, err)
	}
	w := work{image, platform, tree, golang, kept}
	for {
		key, err := w.key()
		if err != nil {
			return Built{}, notBuilt(ctx, image, tree, err)
		}
		if digest, ok := look(kept.Entry(key)); ok {
			kept.Use(key)
			return Built{Name: image.Name, Platform: platform, Digest: digest, dir: kept.Entry(key)}, nil
		}
		_, err, shared := b.flights.Do(key, func() (any, error) { return nil, w.build(ctx, key) })
		if err != nil && shared && ctx.Err() == nil && errors.Is(err, context.Canceled) {
			continue // who began the build gave it up; nobody told this caller to
		}
		if err != nil {
			return Built{}, notBuilt(ctx, image, tree, err)
		}
	}
}

// sources finds those of the image's module, and sees that they have its package.
func sources(ctx context.Context, image Image) (source.Tree, error) {
	tree, err := source.Here().Find(ctx, image.module())
	if err != nil {
		return tree, err
	}
	provided, err := tree.Provides(image.Package)
	if err != nil {
		return tree, notBuilt(ctx, image, tree, err)
	}
	if !provided {
		return tree, diag.New(diag.NoSources, "image "+image.Name).
			Saw(image.Package+" is not of "+tree.Module+", and no module that its go.mod requires has it").
			Saw("that go.mod is in "+tree.Dir).
			Try("name in the image's Module the module that it is part of, and let its go.mod pin the program:", "go get -tool "+image.Package)
	}
	return tree, nil
}

// shelved is how many images are kept, a few megabytes each.
const shelved = 40

func (b *Builder) shelf() (shelf.Shelf, error) {
	if b.Dir != "" {
		return shelf.Shelf{Dir: b.Dir, Keep: shelved}, nil
	}
	return shelf.Cached("images", shelved)
}

// work is one image to be built.
type work struct {
	image    Image
	platform Platform
	tree     source.Tree
	golang   toolchain.Toolchain
	shelf    shelf.Shelf
}

// key is a digest of all that the image is made from.
func (w work) key() (string, error) {
	sources, err := w.tree.Key(w.image.Package)
	if err != nil {
		return "", fmt.Errorf("compare with what was built before: %w", err)
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %s %s %s %s", recipe, sources, w.golang.Version, w.platform, w.image.Name))
	return hex.EncodeToString(sum[:16]), nil
}

// build compiles the program and shelves its image under key, unless the sources
// were edited meanwhile: then nobody knows which of the two it was built from.
func (w work) build(ctx context.Context, key string) error {
	desk, err := w.shelf.Desk()
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(desk) }() // what is left there is swept later
	program := filepath.Join(desk, "program")
	err = w.golang.Run(ctx, toolchain.Build{
		Dir: w.tree.Dir, Package: w.image.Package, OS: "linux", Arch: w.platform.Arch,
		Output: program, Title: w.image.Name + " for " + w.platform.String(),
	})
	if err != nil {
		return err
	}
	assembled, err := assemble(program, w.image.Name, w.platform)
	if err != nil {
		return err
	}
	if now, err := w.key(); err != nil || now != key {
		return err
	}
	draft := filepath.Join(desk, "layout")
	if err := keep(draft, assembled); err != nil {
		return err
	}
	return w.shelf.Put(key, draft, func(entry string) bool { _, ok := look(entry); return ok })
}

func notBuilt(ctx context.Context, image Image, tree source.Tree, err error) error {
	if ctx.Err() != nil {
		return diag.Ended(ctx, "image "+image.Name).Note("the image was not built")
	}
	if errors.Is(err, toolchain.ErrMissing) {
		return diag.New(diag.NoGoToolchain, "image "+image.Name).Because(err).
			Saw("PATH has no go command, and "+image.Package+" is built from source").
			Try("install Go from https://go.dev/dl, or Debian's package:", "apt install golang-go",
				"or use a released Harmony with --topology kubernetes, whose images are published")
	}
	d := diag.New(diag.ImageNotBuilt, "image "+image.Name).Because(err)
	var failed *toolchain.Error
	if errors.As(err, &failed) {
		for _, line := range failed.Output {
			d.Saw(line)
		}
	}
	return d.Try("see the whole of it:", "go -C "+tree.Dir+" build "+image.Package)
}
