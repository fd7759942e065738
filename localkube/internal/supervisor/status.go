// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package supervisor

import "time"

// NodeState is what a node does.
type NodeState string

// States of a node.
const (
	Running     NodeState = "running"
	Stopped     NodeState = "stopped"     // told to
	Partitioned NodeState = "partitioned" // running, with its cable out
	Failed      NodeState = "failed"      // died; is started again after a back-off
)

// Status is what a supervisor knows.
type Status struct {
	PID   int       `json:"pid"`
	Since time.Time `json:"since"`
	Ready bool      `json:"ready"` // an `up` has seen everything work since the nodes last changed
	Nodes []Node    `json:"nodes"`
}

// Node is one node in a Status.
type Node struct {
	Name       string      `json:"name"`
	State      NodeState   `json:"state"`
	Address    string      `json:"address"`
	PID        int         `json:"pid,omitempty"` // of the node's first process
	Since      time.Time   `json:"since,omitzero"`
	Restarts   int         `json:"restarts"`
	LastExit   string      `json:"lastExit,omitempty"`
	Components []Component `json:"components,omitempty"`
}

// Component is one component in a Status.
type Component struct {
	Name     string    `json:"name"`
	State    string    `json:"state"` // running, waiting (not started yet), ended
	PID      int       `json:"pid,omitempty"`
	Since    time.Time `json:"since,omitzero"`
	Restarts int       `json:"restarts"`
	LastExit string    `json:"lastExit,omitempty"`
}

// Component gives a component of the node by name, or nil.
func (n Node) Component(name string) *Component {
	for i := range n.Components {
		if n.Components[i].Name == name {
			return &n.Components[i]
		}
	}
	return nil
}

// Node gives a node by name, or nil.
func (s Status) Node(name string) *Node {
	for i := range s.Nodes {
		if s.Nodes[i].Name == name {
			return &s.Nodes[i]
		}
	}
	return nil
}

// Healthy reports whether every node runs and every component in it.
func (s Status) Healthy() bool {
	for _, n := range s.Nodes {
		if n.State != Running {
			return false
		}
		for _, c := range n.Components {
			if c.State != "running" {
				return false
			}
		}
	}
	return len(s.Nodes) > 0
}
