// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"errors"
	"time"

	"nationtech.io/harmony/localkube/internal/fault"
	"nationtech.io/harmony/localkube/internal/state"
	"nationtech.io/harmony/localkube/internal/supervisor"
)

// Event is a step on the way, for a person or a program that waits.
type Event struct {
	Step    string // prepare, build, start, ready, stop
	Message string
	Done    int // with Total: how far
	Total   int
}

// Manager handles the clusters of one root.
type Manager struct {
	Root   state.Root
	Source string      // directory of our sources; empty looks for them
	Emit   func(Event) // called from one goroutine at a time
}

// running gives the status of a cluster that runs; it is a fault.Absent when it does not.
func running(ctx context.Context, c state.Cluster) (state.Spec, supervisor.Status, error) {
	spec, err := c.Load()
	if err != nil {
		return spec, supervisor.Status{}, err
	}
	status, err := supervisor.NewClient(c).Status(ctx)
	if errors.Is(err, supervisor.ErrNotRunning) {
		err = fault.Wrap(fault.Absent, err, "cluster %q is stopped: bring it up with `localkube up --name %s`", c.Name, c.Name)
	}
	return spec, status, err
}

// Node starts, stops, kills, partitions or heals a node.
func (m Manager) Node(ctx context.Context, name, node, action string) error {
	c := m.Root.Cluster(name)
	if _, _, err := running(ctx, c); err != nil {
		return err
	}
	return supervisor.NewClient(c).Node(ctx, node, action)
}

// stopLimit is how long a whole cluster may take to stop by itself.
const stopLimit = 45 * time.Second
