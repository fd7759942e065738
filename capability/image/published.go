// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package image

import (
	"context"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/internal/source"
)

// Published is the Store of a place that pulls what a release has published. It builds and
// pushes nothing.
type Published struct {
	// Version is the release, which is the tag of its images: v1.4.0. Empty when this program is none.
	Version string
}

var _ Store = Published{}

// Release is the Store of the release that this program is.
func Release() Published { return Published{Version: source.Here().Release()} }

// Provide gives the reference that the release published. The error is the Diagnostic NoRegistry.
func (p Published) Provide(_ context.Context, image Image) (string, error) {
	if p.Version != "" && image.Published != "" {
		return image.Published + ":" + p.Version, nil
	}
	d := diag.New(diag.NoRegistry, "image "+image.Name)
	if p.Version == "" {
		d.Saw("this program is no release, so nobody has published the images that belong to it")
	} else {
		d.Saw("the release " + p.Version + " publishes no image of " + image.Name)
	}
	return "", d.Note("the image must be built here and pushed to where the cluster can pull it from").
		Try("name a registry that the cluster can pull from and you can push to:", "--registry registry.example/harmony",
			"or try it on this machine, where no registry is needed:", "--topology local")
}
