// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kubernetes

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/chart"
	"nationtech.io/harmony/capability/image"
	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/capability/messaging"
	"nationtech.io/harmony/diag"
)

// Options say which cluster is meant and how images reach it.
type Options struct {
	Kubeconfig string // a path; when empty $KUBECONFIG, then ~/.kube/config, as kubectl does
	Context    string // of the kubeconfig; its current one when empty
	Registry   string // registry.example/harmony; when empty images are those that this release has published
	Version    string // of Harmony, noted in what it applies
	AnyVersion bool   // go on with an API server whose version is outside of the supported range
	Log        *slog.Logger
}

// A Topology is a cluster that someone else runs.
type Topology struct {
	kubernetes kube.Cluster
	planning   func(*harmony.Draft) kube.Cluster
	images     image.Store
	messaging  messaging.Servers
	components func(ctx context.Context, namespace string) ([]kube.Standing, error)
	evidence   func(ctx context.Context, namespace string, write func(name string, content []byte) error) error
	target     string
	close      func()
}

var (
	_ harmony.Topology = (*Topology)(nil)
	_ kube.Place       = (*Topology)(nil)
	_ image.Place      = (*Topology)(nil)
	_ chart.Place      = (*Topology)(nil)

	_ messaging.Place = (*Topology)(nil)

	_ harmony.Plannable = (*Topology)(nil)
)

// patience is how long an API server may take to say that it is there.
const patience = 10 * time.Second

// Open finds the cluster and sees that its API server answers, within ten seconds, and accepts
// the credentials. Errors are the Diagnostics BadKubeconfig, APIUnreachable, Forbidden and VersionSkew.
func Open(ctx context.Context, options Options) (*Topology, error) {
	client, err := kube.Connect(kube.Options{
		Kubeconfig: options.Kubeconfig, Context: options.Context, Version: options.Version, Log: options.Log,
	})
	if err != nil {
		return nil, err
	}
	known := find(options)
	ask := client.Supported
	if options.AnyVersion {
		ask = client.Answers
	}
	if err := answers(ctx, client, known, ask); err != nil {
		client.Close()
		return nil, err
	}
	var images image.Store = image.Release()
	if options.Registry != "" {
		images = image.OnceARun(image.Registry{Prefix: options.Registry, Builder: &image.Builder{}})
	}
	return &Topology{
		kubernetes: client,
		planning:   client.Planning,
		images:     images,
		messaging:  messaging.Through(client),
		components: client.Standing,
		evidence:   client.Evidence,
		target:     known.target(client.Host()),
		close:      client.Close,
	}, nil
}

func answers(ctx context.Context, client *kube.Client, known contexts, ask func(context.Context) error) error {
	asking, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err := ask(asking)
	if err == nil {
		return nil
	}
	if asking.Err() != nil && ctx.Err() == nil {
		err = diag.New(diag.APIUnreachable).
			Saw(fmt.Sprintf("no answer from %s within %s", client.Host(), patience))
	}
	var d *diag.Diagnostic
	if !errors.As(err, &d) || d.Code == diag.Interrupted {
		return err
	}
	d.Saw("asked: " + known.target(client.Host()))
	if len(known.names) > 0 {
		d.Saw("contexts of the kubeconfig: " + known.list())
	}
	if d.Code == diag.VersionSkew {
		d.Note("nothing was changed").Try("use a Harmony that is made for that version, or go on at your own risk:", "--any-version")
	}
	if d.Code == diag.APIUnreachable {
		d.Try("see that the cluster is up and that this machine reaches it, or choose another context:", "--context NAME")
	}
	return d
}

// Name is "kubernetes".
func (*Topology) Name() string { return "kubernetes" }

// Kubernetes is the cluster.
func (t *Topology) Kubernetes() kube.Cluster { return t.kubernetes }

// Images delivers images through a registry.
func (t *Topology) Images() image.Store { return t.images }

// Charts are fetched from where this program runs.
func (*Topology) Charts() chart.Store { return chart.Fetcher{} }

// Messaging are the message servers on the cluster.
func (t *Topology) Messaging() messaging.Servers { return t.messaging }

// Planning is the place as a plan sees it: reads and dry runs alone reach the cluster.
func (t *Topology) Planning(d *harmony.Draft) harmony.Topology {
	twin := *t
	twin.kubernetes, twin.images, twin.close = t.planning(d), image.Planning(t.images, d), func() {}
	twin.messaging = messaging.Planning(t.kubernetes, d)
	return &twin
}

// Components lists what Harmony has deployed in a namespace, or in all when it is empty.
func (t *Topology) Components(ctx context.Context, namespace string) ([]kube.Standing, error) {
	return t.components(ctx, namespace)
}

// Target tells which cluster is meant, for a person: its context and the URL of its API server.
func (t *Topology) Target() string { return t.target }

// Evidence hands out files that tell how a namespace stands; the values of Secrets are masked.
func (t *Topology) Evidence(ctx context.Context, namespace string, write func(name string, content []byte) error) error {
	return t.evidence(ctx, namespace, write)
}

// Close gives connections back.
func (t *Topology) Close() { t.close() }
