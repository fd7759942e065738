// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package chart

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// contentType is the layer of a chart's manifest that is its archive:
// https://helm.sh/docs/topics/registries/#helm-chart-manifest
const contentType types.MediaType = "application/vnd.cncf.helm.chart.content.v1.tar+gzip"

// fromRegistry pulls the archive from a registry. A registry on a loopback or private address may speak plain HTTP.
func fromRegistry(ctx context.Context, wanted Reference) ([]File, error) {
	repository, err := name.NewRepository(strings.TrimSuffix(strings.TrimPrefix(wanted.Source, "oci://"), "/") + "/" + wanted.Name)
	if err != nil {
		return nil, notFetched(wanted).Because(err)
	}
	// A tag has no plus sign: Helm writes an underscore in its place.
	tag := repository.Tag(strings.ReplaceAll(wanted.Version, "+", "_"))
	found, err := remote.Get(tag, remote.WithContext(ctx), remote.WithAuthFromKeychain(authn.DefaultKeychain), remote.WithUserAgent("harmony"))
	if err != nil {
		return nil, notFetched(wanted).Saw("asked: " + tag.String()).Because(err)
	}
	if err := wanted.pinned(found.Digest.String()); err != nil {
		return nil, err
	}
	image, err := found.Image()
	if err != nil {
		return nil, notFetched(wanted).Saw("asked: " + tag.String()).Because(err)
	}
	packed, err := content(image)
	if err != nil {
		return nil, notFetched(wanted).Saw("asked: " + tag.String()).Because(err)
	}
	return unpack(wanted, packed)
}

// content is the archive that an image carries; nil when it carries none. What comes is compared with the digest that
// the manifest has of it.
func content(image v1.Image) ([]byte, error) {
	layers, err := image.Layers()
	if err != nil {
		return nil, fmt.Errorf("read the manifest: %w", err)
	}
	for _, layer := range layers {
		if kind, err := layer.MediaType(); err != nil || kind != contentType {
			continue
		}
		packed, err := layer.Compressed()
		if err != nil {
			return nil, fmt.Errorf("pull the archive: %w", err)
		}
		defer packed.Close()
		text, err := io.ReadAll(io.LimitReader(packed, mostBytes))
		if err != nil {
			return nil, fmt.Errorf("pull the archive: %w", err)
		}
		return text, nil
	}
	return nil, nil
}
