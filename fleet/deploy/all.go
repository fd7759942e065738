// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package deploy

import (
	"context"

	"nationtech.io/harmony"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/score/nats"
)

// AllPlace is the union of what the parts of All need.
type AllPlace interface {
	nats.Place
	AgentPlace
}

// All is a whole fleet: NATS and one agent in a Pod.
type All struct {
	// NATS is the fleet's NATS; Device is added to its devices.
	NATS   NATS
	Device contract.DeviceID
}

var (
	_ harmony.Score[AllPlace]     = All{}
	_ harmony.Composite[AllPlace] = All{}
)

// Name is "all".
func (All) Name() string { return "all" }

// Parts are NATS and the agent, side by side: the agent starts without NATS.
func (s All) Parts(on AllPlace) []*harmony.Placement {
	server := s.NATS
	server.Devices = append(server.Devices[:len(server.Devices):len(server.Devices)], s.Device)
	agent := AgentPod{Namespace: server.Namespace, Device: s.Device, NATS: server.Ref()}
	return []*harmony.Placement{harmony.Place(server).On(on), harmony.Place(agent).On(on)}
}

// Interpret has nothing left to do: the parts are the whole.
func (All) Interpret(context.Context, AllPlace) (harmony.Outcome, error) {
	return harmony.Outcome{}, nil
}

// SmokeTest asks the agent once more, now that all stands.
func (s All) SmokeTest(ctx context.Context, on AllPlace) error {
	return AgentPod{Namespace: s.NATS.Namespace, Device: s.Device, NATS: s.NATS.Ref()}.SmokeTest(ctx, on)
}
