// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Program compilefail must not compile: it places a Score that needs machines on a
// place that has none. TestAScoreOnAPlaceThatLacksACapabilityDoesNotCompile builds it.
package main

import (
	"context"

	"nationtech.io/harmony"
)

type machines interface{ Boot() error }

// MachinePlace is what the Score needs.
type MachinePlace interface{ Machines() machines }

type agentMachine struct{}

func (agentMachine) Name() string { return "agent-machine" }
func (agentMachine) Interpret(_ context.Context, on MachinePlace) (harmony.Outcome, error) {
	return harmony.Outcome{}, on.Machines().Boot()
}
func (agentMachine) SmokeTest(_ context.Context, on MachinePlace) error { return on.Machines().Boot() }

// Topology has no machines.
type Topology struct{}

// Kubernetes is all that it has.
func (*Topology) Kubernetes() {}

func main() {
	harmony.Place(agentMachine{}).On(&Topology{})
}
