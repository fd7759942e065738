// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package image

import (
	"cmp"
	"context"

	"nationtech.io/harmony/internal/source"
)

// Place is what a Score asks for whose containers run images.
type Place interface{ Images() Store }

// A Store makes images runnable on its place.
type Store interface {
	// Provide returns the reference that the place can run the image by, after it has
	// built and delivered what is not there yet. Errors are Diagnostics.
	Provide(ctx context.Context, image Image) (reference string, err error)
}

// Image is a program that is to run in a container.
type Image struct {
	// Name is the last part of the repository: nats-server.
	Name string
	// Package is the Go main package that it is built from: github.com/nats-io/nats-server/v2.
	Package string
	// Module is the module that the image is part of: the Package is its own, or its go.mod pins it
	// (go get -tool PACKAGE). It is the running program's or one that this was built with; Harmony's when empty.
	Module string
	// Published is the repository of the release's images, without a tag; empty where none is published.
	Published string
}

// module is the one whose sources the image is built from.
func (i Image) module() string { return cmp.Or(i.Module, source.Harmony) }
