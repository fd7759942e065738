// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package deploy

import (
	"context"

	"nationtech.io/harmony"
	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
	"nationtech.io/harmony/fleet/contract"
)

// AllPlace is the union of what the parts of All need.
type AllPlace interface {
	ServerPlace
	AgentPlace
}

// All is a whole fleet: the server and one agent in a Pod.
type All struct {
	// NATS is the fleet's NATS; Device is added to its devices.
	NATS NATS
	// OperatorReplicas and Grants are those of the Operator.
	OperatorReplicas int
	Grants           []fleet.Grant
	// Identity and DeviceHost are those of the Server.
	Identity   *Identity
	DeviceHost string
	Device     contract.DeviceID
}

var (
	_ harmony.Score[AllPlace]     = All{}
	_ harmony.Composite[AllPlace] = All{}
)

// Name is "all".
func (All) Name() string { return "all" }

// Parts are the server and the agent. An agent with a password starts without NATS, so they are made side by side; one with a key
// is a Device of the fleet, whose kinds the operator brings.
func (s All) Parts(on AllPlace) []*harmony.Placement {
	server, agent := harmony.Place(s.Server()).On(on), harmony.Place(s.agent()).On(on)
	if s.Identity != nil {
		agent = agent.After(server)
	}
	return []*harmony.Placement{server, agent}
}

// Server is that of a whole fleet: it knows the agent's device.
func (s All) Server() Server {
	server := Server{NATS: s.NATS, OperatorReplicas: s.OperatorReplicas, Grants: s.Grants, Identity: s.Identity, DeviceHost: s.DeviceHost}
	server.NATS.Devices = append(s.NATS.Devices[:len(s.NATS.Devices):len(s.NATS.Devices)], s.Device)
	return server
}

func (s All) agent() AgentPod {
	return AgentPod{Namespace: s.NATS.Namespace, Device: s.Device, NATS: s.Server().Stands().Ref(), Identity: s.Server().Provider()}
}

// Interpret has nothing left to do: the parts are the whole.
func (All) Interpret(context.Context, AllPlace) (harmony.Outcome, error) {
	return harmony.Outcome{}, nil
}

// SmokeTest asks the agent once more, now that all stands.
func (s All) SmokeTest(ctx context.Context, on AllPlace) error {
	return s.agent().SmokeTest(ctx, on)
}
