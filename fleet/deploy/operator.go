// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package deploy

import (
	"context"
	"slices"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/image"
	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/diag"
	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
	"nationtech.io/harmony/score/nats"
)

// OperatorPlace is what the operator needs: objects applied, watched and reached, and an image that its Pod can run.
type OperatorPlace interface {
	kube.Place
	image.Place
}

// Operator is the control plane of a fleet, with the kinds that people write for it.
type Operator struct {
	// Namespace is where the operator and the fleet's FleetState are; it names the fleet.
	Namespace string
	// Replicas of the operator: one leads, the others wait; 1 when zero.
	Replicas int
	// NATS is the fleet's NATS, in the same namespace: the operator's password is a Secret there.
	NATS NATSRef
	// NATSReplicas is on how many servers the buckets stand: as many as the fleet's NATS has; 1 when zero.
	NATSReplicas int
	// Grants say which namespaces may target which devices; when there are none, the fleet's own namespace may target all.
	Grants []fleet.Grant
	// Definitions lets a removal with purge take the definitions of the fleet's kinds too. Every fleet of the cluster uses the same
	// ones: all Deployments and Devices of all fleets go with them.
	Definitions bool
}

// OperatorImage is the operator, built from this module.
var OperatorImage = image.Image{Name: "harmony-fleet-operator", Package: "nationtech.io/harmony/cmd/harmony-fleet-operator"}

var (
	_ harmony.Score[OperatorPlace]   = Operator{}
	_ harmony.Remover[OperatorPlace] = Operator{}
)

// Name is "operator".
func (Operator) Name() string { return "operator" }

// Interpret makes the kinds known and the operator lead; it returns when the operator is connected and has heard of the devices.
func (s Operator) Interpret(ctx context.Context, on OperatorPlace) (harmony.Outcome, error) {
	if err := s.check(); err != nil {
		return harmony.Outcome{}, err
	}
	reference, err := on.Images().Provide(ctx, OperatorImage)
	if err != nil {
		return harmony.Outcome{}, err
	}
	kinds, err := definitions()
	if err != nil {
		return harmony.Outcome{}, err
	}
	outcome, err := on.Kubernetes().Apply(ctx, definitionsInventory, kinds...)
	if err != nil {
		return outcome, err
	}
	for _, user := range []string{operatorUser, kickerUser} {
		prepared, err := nats.Prepare(ctx, on.Kubernetes(), s.NATS.Ref, user)
		outcome.Changes = append(outcome.Changes, prepared.Changes...)
		if err != nil {
			return outcome, err
		}
	}
	stands, err := on.Kubernetes().Apply(ctx, s.inventory(), s.objects(reference)...)
	outcome.Changes = append(outcome.Changes, stands.Changes...)
	return outcome, err
}

// Remove takes the operator away. The FleetState, which is the identity that devices obey, and the definitions, with which every
// Deployment and Device would go, are kept unless they are purged.
func (s Operator) Remove(ctx context.Context, on OperatorPlace, how harmony.Removal) (harmony.Removed, error) {
	removed, err := on.Kubernetes().Remove(ctx, s.inventory(), how)
	if err != nil {
		return removed, err
	}
	if !how.Purge || !s.Definitions {
		removed.Shared = append(removed.Shared, "the definitions of fleet.nationtech.io (every fleet of the cluster uses them)")
		return removed, nil
	}
	kinds, err := on.Kubernetes().Remove(ctx, definitionsInventory, how)
	removed.Gone = append(removed.Gone, kinds.Gone...)
	removed.Shared = append(removed.Shared, kinds.Shared...)
	return removed, err
}

func (s Operator) inventory() kube.Inventory {
	return kube.Inventory{Namespace: s.Namespace, Name: s.Name()}
}

func (s Operator) check() error {
	bad := diag.New(diag.BadPlacement)
	if s.Namespace == "" || s.Namespace != s.NATS.Namespace {
		bad.Saw("the operator's namespace is \"" + s.Namespace + "\" and that of its NATS is \"" + s.NATS.Namespace + "\"").
			Note("the operator's password is a Secret beside NATS, and a Pod reads Secrets of its own namespace only")
	}
	if s.Replicas < 0 {
		bad.Saw("an operator has at least one replica")
	}
	if slices.ContainsFunc(s.Grants, func(g fleet.Grant) bool { return g.Namespace == "" }) {
		bad.Saw("a grant names no namespace")
	}
	if len(bad.Evidence) > 0 {
		return bad
	}
	return nil
}

// namespaces are those whose Deployments the operator looks at, its own among them.
func (s Operator) namespaces() []string {
	all := []string{s.Namespace}
	for _, g := range s.Grants {
		all = append(all, g.Namespace)
	}
	slices.Sort(all)
	return slices.Compact(all)
}
