// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package deploy

import (
	"context"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/image"
	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/identity"
	"nationtech.io/harmony/score/nats"
)

// CalloutPlace is what the callout needs: objects applied, watched and reached, and an image that its Pods can run.
type CalloutPlace interface {
	kube.Place
	image.Place
}

// Callout tells the fleet's NATS who connects, by the tokens of an identity provider.
type Callout struct {
	Namespace string
	// NATS is the fleet's NATS, in the same namespace and in callout mode.
	NATS NATSRef
	// Identity is the provider: the reference of an Issuer, or of another.
	Identity identity.Provider
	// Replicas share the questions; 2 when zero.
	Replicas int
}

// CalloutImage is the callout, built from this module.
var CalloutImage = image.Image{Name: "harmony-fleet-callout", Package: "nationtech.io/harmony/cmd/harmony-fleet-callout"}

var (
	_ harmony.Score[CalloutPlace]   = Callout{}
	_ harmony.Remover[CalloutPlace] = Callout{}
)

// Name is "callout".
func (Callout) Name() string { return "callout" }

// Interpret makes the callout stand, with the keys that the servers trust.
func (s Callout) Interpret(ctx context.Context, on CalloutPlace) (outcome harmony.Outcome, err error) {
	if err := s.check(); err != nil {
		return outcome, err
	}
	reference, err := on.Images().Provide(ctx, CalloutImage)
	if err != nil {
		return outcome, err
	}
	outcome, err = nats.Prepare(ctx, on.Kubernetes(), s.NATS.Ref, calloutUser)
	if err != nil {
		return outcome, err
	}
	keys, made, err := s.NATS.CalloutKeys(ctx, on.Kubernetes(), s.NATS.callout())
	outcome.Changes = append(outcome.Changes, made.Changes...)
	if err != nil {
		return outcome, err
	}
	var trusted trust
	for _, pinned := range []struct {
		by  func(context.Context, kube.Cluster) (string, harmony.Outcome, error)
		its *string
	}{{s.NATS.Pinned, &trusted.nats}, {s.Identity.Pinned, &trusted.provider}} {
		*pinned.its, made, err = pinned.by(ctx, on.Kubernetes())
		outcome.Changes = append(outcome.Changes, made.Changes...)
		if err != nil {
			return outcome, err
		}
	}
	facts, err := s.Identity.Facts(ctx, on.Kubernetes())
	if err != nil {
		return outcome, err
	}
	stands, err := on.Kubernetes().Apply(ctx, s.inventory(), s.objects(reference, keys, facts, trusted)...)
	outcome.Changes = append(outcome.Changes, stands.Changes...)
	return outcome, err
}

// trust is the authorities of what a callout or an agent connects to; empty for those of the system.
type trust struct{ nats, provider string }

// Remove takes the callout away: who is connected stays, and nobody new comes in.
func (s Callout) Remove(ctx context.Context, on CalloutPlace, how harmony.Removal) (harmony.Removed, error) {
	return on.Kubernetes().Remove(ctx, s.inventory(), how)
}

func (s Callout) inventory() kube.Inventory {
	return kube.Inventory{Namespace: s.Namespace, Name: s.Name()}
}

func (s Callout) replicas() int {
	if s.Replicas == 0 {
		return 2
	}
	return s.Replicas
}

func (s Callout) check() error {
	bad := diag.New(diag.BadPlacement)
	if s.Namespace == "" || s.Namespace != s.NATS.Namespace {
		bad.Saw("the callout's namespace is \"" + s.Namespace + "\" and that of its NATS is \"" + s.NATS.Namespace + "\"").
			Note("the callout's password and keys are Secrets beside NATS, and a Pod reads Secrets of its own namespace only")
	}
	if s.Identity == nil {
		bad.Saw("there is no identity provider").Try("give the reference of an Issuer, or of another provider")
	}
	if s.Replicas < 0 {
		bad.Saw("a callout has at least one replica")
	}
	if s.NATS.Keys == 0 {
		bad.Saw("its NATS is not in callout mode")
	}
	if len(bad.Evidence) > 0 {
		return bad
	}
	return nil
}
