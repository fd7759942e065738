// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package witness

import (
	"testing"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/capability/messaging"
	"nationtech.io/harmony/topology/local"
)

// A Place is a local cluster that is reached with another credential. Images come to the nodes as they do without it,
// past the API server.
type Place struct {
	*local.Topology
	client  *kube.Client
	cluster kube.Cluster // what a Score is given
	servers messaging.Servers
}

var (
	_ kube.Place        = Place{}
	_ harmony.Plannable = Place{}
)

// On gives the place as the onlooker has it.
func (o Onlooker) On(t testing.TB, topology *local.Topology) Place {
	t.Helper()
	client, err := kube.Connect(kube.Options{Config: o.Config})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return Place{topology, client, client, messaging.Through(client)}
}

// Kubernetes is the cluster, as the onlooker.
func (p Place) Kubernetes() kube.Cluster { return p.cluster }

// Messaging are the servers as the onlooker reaches them.
func (p Place) Messaging() messaging.Servers { return p.servers }

// Planning is the place as a plan sees it.
func (p Place) Planning(d *harmony.Draft) harmony.Topology {
	p.Topology, p.cluster = p.Topology.Planning(d).(*local.Topology), p.client.Planning(d)
	p.servers = messaging.Planning(p.client, d)
	return p
}
