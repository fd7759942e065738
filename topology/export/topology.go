// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package export

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"maps"
	"slices"
	"sync"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/chart"
	"nationtech.io/harmony/capability/image"
	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/capability/messaging"
	"nationtech.io/harmony/diag"
)

// A Topology is a place of which nothing exists but what Scores have applied to it.
type Topology struct {
	kubernetes *kube.Export
	images     image.Store
}

var (
	_ harmony.Topology  = (*Topology)(nil)
	_ harmony.Plannable = (*Topology)(nil)
	_ kube.Place        = (*Topology)(nil)
	_ image.Place       = (*Topology)(nil)
	_ chart.Place       = (*Topology)(nil)
	_ messaging.Place   = (*Topology)(nil)
)

// Name is "export".
func (*Topology) Name() string { return "export" }

// Kubernetes keeps what is applied.
func (t *Topology) Kubernetes() kube.Cluster { return t.kubernetes.Cluster(nil) }

// Images names images that a cluster can pull.
func (t *Topology) Images() image.Store { return t.images }

// Charts are fetched from where this program runs.
func (*Topology) Charts() chart.Store { return chart.Fetcher{} }

// Messaging puts all off: no server stands.
func (t *Topology) Messaging() messaging.Servers { return servers{} }

// Planning is the same place, which puts off in the draft what only a cluster that runs can tell.
func (t *Topology) Planning(draft *harmony.Draft) harmony.Topology { return planning{t, draft} }

type planning struct {
	*Topology
	draft *harmony.Draft
}

// Kubernetes keeps what is applied.
func (p planning) Kubernetes() kube.Cluster { return p.kubernetes.Cluster(p.draft) }

// Messaging puts off what only servers that run can do.
func (p planning) Messaging() messaging.Servers { return servers{p.draft} }

// references are the images of an export: what a person has named, else what the store delivers.
type references struct {
	store image.Store
	named map[string]string // by the name of the image

	mu    sync.Mutex
	found map[string]string
}

func (o Options) references() *references {
	r := &references{store: image.Release(), named: o.Images, found: map[string]string{}}
	if o.Registry != "" {
		r.store = image.Registry{Prefix: o.Registry, Builder: &image.Builder{}}
	}
	return r
}

// Provide gives the reference by which clusters pull the image.
func (r *references) Provide(ctx context.Context, wanted image.Image) (string, error) {
	r.mu.Lock()
	reference := cmp.Or(r.found[wanted.Name], r.named[wanted.Name])
	r.mu.Unlock()
	if reference == "" {
		var err error
		if reference, err = r.store.Provide(ctx, wanted); err != nil {
			return "", unpublished(wanted, err)
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.found[wanted.Name] = reference
	return reference, nil
}

func unpublished(wanted image.Image, err error) error {
	var d *diag.Diagnostic
	if errors.As(err, &d) && d.Code == diag.NoRegistry {
		d.Help = nil
		d.Try("name an image that is there already:", "--image "+wanted.Name+"=registry.example/"+wanted.Name+":v1",
			"or a registry, to which it is pushed after it was built here:", "--registry registry.example/harmony")
	}
	return err
}

// unasked tells of a name that no image of the component has.
func (r *references) unasked() error {
	for _, name := range slices.Sorted(maps.Keys(r.named)) {
		if _, asked := r.found[name]; !asked {
			d := diag.New(diag.BadFlag, "--image").Saw("the component has no image " + name)
			for _, has := range slices.Sorted(maps.Keys(r.found)) {
				d.Try("--image " + has + "=" + r.found[has])
			}
			return d
		}
	}
	return nil
}

// tokens stand for images while a chart is made: each is a reference that nothing else is.
type tokens struct {
	images *references

	mu   sync.Mutex
	made map[string]string // by the name of the image
}

// Provide gives a token, after it has seen that the image is there.
func (t *tokens) Provide(ctx context.Context, wanted image.Image) (string, error) {
	if _, err := t.images.Provide(ctx, wanted); err != nil {
		return "", err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.made[wanted.Name] == "" {
		t.made[wanted.Name] = "harmony.invalid/" + wanted.Name + ":" + rand.Text()
	}
	return t.made[wanted.Name], nil
}
