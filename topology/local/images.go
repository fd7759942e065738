// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package local

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/singleflight"

	"nationtech.io/harmony/capability/image"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/event"
)

// registry is where images seem to come from. Nobody is asked for them: they are loaded, under a tag that
// is part of their digest, so that a changed image has another name.
const registry = "harmony.local/"

const tagDigits = 12

// images is the image.Store of a local cluster.
type images struct {
	manager manager
	builder *image.Builder
	lists   singleflight.Group // of nodes' images, for all who ask at the same time
}

// Provide builds the image for this machine's processor and loads it into the nodes, unless all have it.
func (s *images) Provide(ctx context.Context, wanted image.Image) (string, error) {
	group, both := errgroup.WithContext(ctx)
	var made image.Built
	group.Go(func() (err error) {
		made, err = s.builder.Build(both, wanted, image.Platform{Arch: runtime.GOARCH})
		return err
	})
	var nodes loaded
	group.Go(func() (err error) {
		// Others may be waiting for the same list: that this image cannot be built must not take it from them.
		nodes, err = s.list(ctx)
		return err
	})
	if err := group.Wait(); err != nil {
		return "", s.notDelivered(ctx, wanted, err)
	}
	reference := registry + wanted.Name + ":sha256-" + made.Digest.Hex[:tagDigits]
	if nodes.have(reference, made.Digest.String()) {
		return reference, nil
	}
	if err := s.load(ctx, made, reference); err != nil {
		return "", s.notDelivered(ctx, wanted, err)
	}
	return reference, nil
}

func (s *images) list(ctx context.Context) (loaded, error) {
	got, err, _ := s.lists.Do("", func() (any, error) { return s.manager.images(ctx) })
	return got.(loaded), err
}

// have tells whether every node has the image.
func (l loaded) have(reference, digest string) bool {
	for _, images := range l.Nodes {
		found := false
		for _, i := range images {
			found = found || i.Name == reference && i.Digest == digest
		}
		if !found {
			return false
		}
	}
	return len(l.Nodes) > 0
}

// load hands the image to all nodes in a file.
func (s *images) load(ctx context.Context, made image.Built, reference string) error {
	event.Emit(ctx, event.Progress{Text: "loading " + reference})
	file, err := os.CreateTemp("", "harmony-image-*.tar")
	if err != nil {
		return fmt.Errorf("make a file to hand the image over: %w", err)
	}
	defer func() { _ = os.Remove(file.Name()) }() // the directory for such files is swept by the system
	if err := errors.Join(made.WriteArchive(file, reference), file.Close()); err != nil {
		return fmt.Errorf("hand the image over: %w", err)
	}
	return s.manager.load(ctx, file.Name())
}

func (s *images) notDelivered(ctx context.Context, wanted image.Image, err error) error {
	var known *diag.Diagnostic
	if errors.As(err, &known) {
		return known
	}
	if ctx.Err() != nil {
		return interrupted(ctx, err, "the image "+wanted.Name+" was not delivered")
	}
	d := diag.New(diag.ImageNotDelivered, "image "+wanted.Name).Because(err)
	var f *failure
	if errors.As(err, &f) {
		d = f.evidence(d)
	} else {
		d.Saw(err.Error())
	}
	return d.Try("see whether the cluster and its nodes are up:", s.manager.path+" status --name "+s.manager.cluster)
}
