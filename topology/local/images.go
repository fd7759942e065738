// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package local

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"

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

var _ image.Foreseer = (*images)(nil)

// Provide builds the image for this machine's processor and loads it into the nodes, unless all have it.
func (s *images) Provide(ctx context.Context, wanted image.Image) (string, error) {
	made, reference, lacking, err := s.build(ctx, wanted)
	if err == nil && lacking > 0 {
		err = s.load(ctx, made, reference)
	}
	if err != nil {
		return "", s.notDelivered(ctx, wanted, err)
	}
	return reference, nil
}

// Foresee builds the image and looks which nodes lack it.
func (s *images) Foresee(ctx context.Context, wanted image.Image) (reference, missing string, err error) {
	_, reference, lacking, err := s.build(ctx, wanted)
	if err != nil {
		return "", "", s.notDelivered(ctx, wanted, err)
	}
	if lacking > 0 {
		missing = "load it into the nodes that lack it: " + strconv.Itoa(lacking)
	}
	return reference, missing, nil
}

// build builds the image and counts the nodes that lack it.
func (s *images) build(ctx context.Context, wanted image.Image) (made image.Built, reference string, lacking int, err error) {
	group, both := errgroup.WithContext(ctx)
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
		return made, "", 0, err
	}
	reference = registry + wanted.Name + ":sha256-" + made.Digest.Hex[:tagDigits]
	return made, reference, nodes.lack(reference, made.Digest.String()), nil
}

func (s *images) list(ctx context.Context) (loaded, error) {
	got, err, _ := s.lists.Do("", func() (any, error) { return s.manager.images(ctx) })
	return got.(loaded), err
}

// lack counts the nodes that do not have the image; a cluster without nodes lacks it once.
func (l loaded) lack(reference, digest string) (count int) {
	for _, images := range l.Nodes {
		if !slices.ContainsFunc(images, func(i loadedImage) bool { return i.Name == reference && i.Digest == digest }) {
			count++
		}
	}
	if len(l.Nodes) == 0 {
		return 1
	}
	return count
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
