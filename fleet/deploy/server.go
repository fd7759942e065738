// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package deploy

import (
	"context"

	"nationtech.io/harmony"
	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
	"nationtech.io/harmony/score/nats"
)

// ServerPlace is the union of what the parts of Server need.
type ServerPlace interface {
	nats.Place
	OperatorPlace
}

// Server is what a fleet needs besides its devices: NATS and the operator.
type Server struct {
	NATS NATS
	// OperatorReplicas and Grants are those of the Operator.
	OperatorReplicas int
	Grants           []fleet.Grant
}

var (
	_ harmony.Score[ServerPlace]     = Server{}
	_ harmony.Composite[ServerPlace] = Server{}
)

// Name is "server".
func (Server) Name() string { return "server" }

// Parts are NATS, and after it the operator: what the operator's smoke test goes through would change under it.
func (s Server) Parts(on ServerPlace) []*harmony.Placement {
	nats := harmony.Place(s.NATS).On(on)
	return []*harmony.Placement{nats, harmony.Place(s.operator()).On(on).After(nats)}
}

// Interpret has nothing left to do: the parts are the whole.
func (Server) Interpret(context.Context, ServerPlace) (harmony.Outcome, error) {
	return harmony.Outcome{}, nil
}

// SmokeTest asks NATS once more, now that the operator writes to its streams. The operator's own smoke test, which sends a
// Deployment to a device, was the last thing to happen.
func (s Server) SmokeTest(ctx context.Context, on ServerPlace) error {
	return s.NATS.SmokeTest(ctx, on)
}

func (s Server) operator() Operator {
	return Operator{
		Namespace: s.NATS.Namespace, Replicas: s.OperatorReplicas, NATS: s.NATS.Ref(), NATSReplicas: s.NATS.Replicas, Grants: s.Grants,
	}
}
