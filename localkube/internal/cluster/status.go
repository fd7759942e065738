// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"errors"
	"time"

	"nationtech.io/harmony/localkube/internal/build"
	"nationtech.io/harmony/localkube/internal/kubeapi"
	"nationtech.io/harmony/localkube/internal/state"
	"nationtech.io/harmony/localkube/internal/supervisor"
)

// Status is what there is to say about a cluster.
type Status struct {
	Name       string            `json:"name"`
	State      string            `json:"state"` // running, degraded (a node or a component does not run), stopped
	Ready      bool              `json:"ready"` // `up` has seen it ready since its nodes last changed
	Since      time.Time         `json:"since,omitzero"`
	Kubernetes string            `json:"kubernetes"`
	Kubeconfig string            `json:"kubeconfig"`
	Gateway    string            `json:"gateway"`
	Audit      string            `json:"audit,omitempty"`      // the path of the API server's log of requests
	Supervisor int               `json:"supervisor,omitempty"` // its process
	Nodes      []supervisor.Node `json:"nodes"`
}

// Status looks at a cluster. It asks the supervisor only: it is quick, and it answers when the API server does not.
func (m Manager) Status(ctx context.Context, name string) (Status, error) {
	c := m.Root.Cluster(name)
	spec, err := c.Load()
	if err != nil {
		return Status{}, err
	}
	s := Status{
		Name: name, State: "stopped", Kubernetes: build.KubernetesVersion,
		Kubeconfig: c.Kubeconfig(), Gateway: spec.Index.Gateway().String(), Audit: c.AuditLog(spec),
	}
	seen, err := supervisor.NewClient(c).Status(ctx)
	if errors.Is(err, supervisor.ErrNotRunning) {
		for i, node := range spec.Nodes {
			s.Nodes = append(s.Nodes, supervisor.Node{Name: node, State: supervisor.Stopped, Address: spec.Index.Node(i).String()})
		}
		return s, nil
	}
	if err != nil {
		return s, err
	}
	s.State, s.Ready, s.Since, s.Supervisor, s.Nodes = "degraded", seen.Ready, seen.Since, seen.PID, seen.Nodes
	if seen.Healthy() {
		s.State = "running"
	}
	return s, nil
}

// alreadyUp looks whether the cluster is ready as it is. It takes milliseconds.
func (m Manager) alreadyUp(ctx context.Context, c state.Cluster, o UpOptions, begin time.Time) (Ready, bool) {
	spec, err := c.Load()
	if err != nil || (o.Nodes > 0 && o.Nodes != len(spec.Nodes)) || (o.Audit && !spec.Audit) {
		return Ready{}, false
	}
	status, err := supervisor.NewClient(c).Status(ctx)
	if err != nil || !status.Ready || !status.Healthy() || len(status.Nodes) != len(spec.Nodes) {
		return Ready{}, false
	}
	api, err := kubeapi.FromKubeconfig(c.Kubeconfig())
	if err != nil {
		return Ready{}, false
	}
	defer api.Close()
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	for _, node := range spec.Nodes {
		var n nodeObject
		if api.Get(ctx, "/api/v1/nodes/"+node, &n) != nil || !n.ready(time.Time{}) {
			return Ready{}, false
		}
	}
	ready := describe(c, spec)
	ready.Already, ready.Seconds = true, time.Since(begin).Seconds()
	return ready, true
}
