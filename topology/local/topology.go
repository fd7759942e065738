// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package local

import (
	"context"
	"log/slog"
	"runtime"
	"strconv"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/chart"
	"nationtech.io/harmony/capability/image"
	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/capability/messaging"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/event"
)

// DefaultCluster is the cluster that is meant when none is named.
const DefaultCluster = "harmony"

// Options say which cluster of this machine is meant.
type Options struct {
	Name    string       // of the cluster; DefaultCluster when empty
	Nodes   int          // when zero as it is, or one
	Version string       // of Harmony, noted in what it applies
	Log     *slog.Logger // takes what the API server warns of; nil discards it
}

// A Topology is a cluster on this machine.
type Topology struct {
	kubernetes kube.Cluster
	planning   func(*harmony.Draft) kube.Cluster
	images     image.Store
	messaging  messaging.Servers
	components func(ctx context.Context, namespace string) ([]kube.Standing, error)
	evidence   func(ctx context.Context, namespace string, write func(name string, content []byte) error) error
	cluster    Cluster
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

// A Cluster is what stands on this machine.
type Cluster struct {
	Name       string        `json:"name"`
	Kubeconfig string        `json:"kubeconfig"` // a path
	Gateway    string        `json:"gateway"`    // this machine's address on the nodes' network
	Nodes      []string      `json:"nodes"`
	Already    bool          `json:"already"` // it stood before
	Took       event.Seconds `json:"-"`
}

// Open starts the cluster unless it stands, and returns when it is ready. The first time on
// a machine its programs are built, which takes minutes; progress is emitted all the while. Errors are the
// Diagnostics LocalCannotRun, LocalNotBuilt, LocalDidNotStart, NoSources and BadFlag.
func Open(ctx context.Context, options Options) (*Topology, error) {
	if runtime.GOOS != "linux" {
		return nil, elsewhere(diag.New(diag.LocalCannotRun).
			Saw("this machine runs " + runtime.GOOS + ", and the nodes of a cluster are Linux namespaces"))
	}
	if options.Name == "" {
		options.Name = DefaultCluster
	}
	manager, err := findManager(ctx, options.Name)
	if err != nil {
		return nil, err
	}
	up, err := manager.up(ctx, options.Nodes)
	if err != nil {
		return nil, err
	}
	client, err := kube.Connect(kube.Options{Kubeconfig: up.Kubeconfig, Version: options.Version, Log: options.Log})
	if err != nil {
		return nil, err
	}
	return &Topology{
		kubernetes: client,
		planning:   client.Planning,
		images:     image.OnceARun(&images{manager: manager, builder: &image.Builder{}}),
		messaging:  messaging.Through(client),
		components: client.Standing,
		evidence:   client.Evidence,
		cluster:    up,
		close:      client.Close,
	}, nil
}

// Name is "local".
func (*Topology) Name() string { return "local" }

// Kubernetes is the cluster.
func (t *Topology) Kubernetes() kube.Cluster { return t.kubernetes }

// Images builds images and loads them into the nodes.
func (t *Topology) Images() image.Store { return t.images }

// Charts are fetched from where this program runs.
func (*Topology) Charts() chart.Store { return chart.Fetcher{} }

// Messaging are the message servers on the cluster.
func (t *Topology) Messaging() messaging.Servers { return t.messaging }

// Target tells which cluster is meant, for a person.
func (t *Topology) Target() string { return "cluster " + strconv.Quote(t.cluster.Name) }

// Cluster tells what stands on this machine.
func (t *Topology) Cluster() Cluster { return t.cluster }

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

// Evidence hands out files that tell how a namespace stands; the values of Secrets are masked.
func (t *Topology) Evidence(ctx context.Context, namespace string, write func(name string, content []byte) error) error {
	return t.evidence(ctx, namespace, write)
}

// Close gives connections back. The cluster stays up.
func (t *Topology) Close() { t.close() }
