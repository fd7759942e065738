// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package image

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"golang.org/x/sync/errgroup"

	"nationtech.io/harmony/diag"
)

// Registry is the Store of a place that pulls from a registry: it builds each image for all Platforms,
// pushes what the registry lacks, and gives a reference by digest. It logs in with what docker login or
// podman login has kept. A registry on a loopback or private address may speak plain HTTP.
type Registry struct {
	// Prefix is where images go: registry.example/harmony. The image's name follows it.
	Prefix  string
	Builder *Builder
}

var (
	_ Store    = Registry{}
	_ Foreseer = Registry{}
)

// tagDigits is how much of the digest the tag shows. The tag is there for registries that sweep
// what has none; nobody pulls by it.
const tagDigits = 12

// Provide builds the image, pushes it unless it is there, and gives its reference by digest. Its errors are those of
// Builder.Build and the Diagnostic ImageNotDelivered.
func (r Registry) Provide(ctx context.Context, image Image) (string, error) {
	b, err := r.build(ctx, image)
	if err != nil {
		return "", err
	}
	if b.there {
		return b.reference.String(), nil
	}
	if err := push(ctx, b.tag, b.index, options(ctx)...); err != nil {
		return "", r.notDelivered(ctx, image, err)
	}
	return b.reference.String(), nil
}

// Foresee builds the image and asks the registry for it.
func (r Registry) Foresee(ctx context.Context, image Image) (reference, missing string, err error) {
	b, err := r.build(ctx, image)
	if err != nil {
		return "", "", err
	}
	if !b.there {
		missing = "push it to " + r.Prefix
	}
	return b.reference.String(), missing, nil
}

// built is an image for all platforms, and whether the registry has it.
type built struct {
	index     v1.ImageIndex
	reference name.Digest
	tag       name.Tag
	there     bool
}

func (r Registry) build(ctx context.Context, image Image) (b built, err error) {
	repository, err := name.NewRepository(strings.TrimSuffix(r.Prefix, "/") + "/" + image.Name)
	if err != nil {
		return b, r.notDelivered(ctx, image, err)
	}
	if b.index, err = r.index(ctx, image); err != nil {
		return b, err
	}
	digest, err := b.index.Digest()
	if err != nil {
		return b, r.notDelivered(ctx, image, err)
	}
	b.reference, b.tag = repository.Digest(digest.String()), repository.Tag("sha256-"+digest.Hex[:tagDigits])
	_, err = remote.Head(b.reference, options(ctx)...)
	if err != nil && !absent(err) {
		return b, r.notDelivered(ctx, image, err)
	}
	b.there = err == nil
	return b, nil
}

func options(ctx context.Context) []remote.Option {
	return []remote.Option{
		remote.WithContext(ctx),
		remote.WithAuthFromKeychain(authn.DefaultKeychain),
		remote.WithUserAgent("harmony"),
	}
}

// index builds the image for all platforms and puts them under one digest.
func (r Registry) index(ctx context.Context, image Image) (v1.ImageIndex, error) {
	platforms := Platforms()
	parts := make([]mutate.IndexAddendum, len(platforms))
	group, ctx := errgroup.WithContext(ctx)
	for i, platform := range platforms {
		group.Go(func() error {
			built, err := r.Builder.Build(ctx, image, platform)
			if err != nil {
				return err
			}
			part, err := built.Image()
			if err != nil {
				return r.notDelivered(ctx, image, err)
			}
			parts[i] = mutate.IndexAddendum{Add: part, Descriptor: v1.Descriptor{
				Platform: &v1.Platform{OS: "linux", Architecture: platform.Arch},
			}}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return mutate.AppendManifests(mutate.IndexMediaType(empty.Index, types.OCIImageIndex), parts...), nil
}

// absent tells that the registry answered and has no such image.
func absent(err error) bool {
	var refused *transport.Error
	return errors.As(err, &refused) && refused.StatusCode == http.StatusNotFound
}

func (r Registry) notDelivered(ctx context.Context, image Image, err error) error {
	if ctx.Err() != nil {
		return diag.Ended(ctx, "image "+image.Name).Note("the image was not pushed")
	}
	d := diag.New(diag.ImageNotDelivered, "image "+image.Name).Because(err).Saw("registry " + r.Prefix + ": " + err.Error())
	host, _, _ := strings.Cut(r.Prefix, "/")
	var refused *transport.Error
	var malformed *name.ErrBadName
	switch {
	case errors.As(err, &malformed):
		return d.Try("--registry is host, port where it is not 443, and path, in lower case:", "--registry registry.example:5000/harmony")
	case errors.As(err, &refused) && (refused.StatusCode == http.StatusUnauthorized || refused.StatusCode == http.StatusForbidden):
		return d.Try("log in with an account that may push to "+r.Prefix+":", "podman login "+host)
	case errors.As(err, &refused):
		return d.Try("see that " + r.Prefix + " is a place of that registry that images can be pushed to")
	case strings.Contains(err.Error(), "server gave HTTP response to HTTPS client"):
		return d.Try("a registry without TLS is used on loopback and private addresses only: give " + host + " a certificate, or name it by such an address")
	}
	return d.Try("see that the registry answers:", "curl -i https://"+host+"/v2/")
}
