// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package image

import (
	"context"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/internal/source"
)

// Published is the Store of a place that pulls what releases have published. It builds and
// pushes nothing.
type Published struct {
	// Version gives the release of a module, which is the tag of the images that are part of it: v1.4.0. Empty
	// where this program was built from no release of it. Nothing is a release when it is nil.
	Version func(module string) string
}

var (
	_ Store    = Published{}
	_ Foreseer = Published{}
)

// Release is the Store of the releases that this program was built from.
func Release() Published { return Published{Version: source.Here().Release} }

// Foresee is Provide: there is nothing to deliver.
func (p Published) Foresee(ctx context.Context, image Image) (reference, missing string, err error) {
	reference, err = p.Provide(ctx, image)
	return reference, "", err
}

// Provide gives the reference that the release published. The error is the Diagnostic NoRegistry.
func (p Published) Provide(_ context.Context, image Image) (string, error) {
	version := ""
	if p.Version != nil {
		version = p.Version(image.module())
	}
	if version != "" && image.Published != "" {
		return image.Published + ":" + version, nil
	}
	d := diag.New(diag.NoRegistry, "image "+image.Name)
	if version == "" {
		d.Saw("this program is no release of " + image.module() + ", so nobody has published the images that belong to it")
	} else {
		d.Saw("the release " + version + " of " + image.module() + " publishes no image of " + image.Name)
	}
	return "", d.Note("the image must be built here and pushed to where the cluster can pull it from").
		Try("name a registry that the cluster can pull from and you can push to:", "--registry registry.example/harmony",
			"or try it on this machine, where no registry is needed:", "--topology local")
}
