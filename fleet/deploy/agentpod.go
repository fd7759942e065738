// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package deploy

import (
	"context"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/image"
	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/identity"
	"nationtech.io/harmony/score/nats"
)

// AgentPlace is what an agent in a Pod needs: objects applied, watched and reached, and an image that its Pod can run.
type AgentPlace interface {
	kube.Place
	image.Place
}

// AgentPod is a fleet agent that runs as a Pod, without a container runtime of its own. It
// starts without NATS; only its smoke test waits for it.
type AgentPod struct {
	Namespace string
	Device    contract.DeviceID
	// NATS is the fleet's NATS, in the same namespace: the agent's password is a Secret there.
	NATS NATSRef
	// Identity is the provider that knows the device by a key; nil where it has a password.
	Identity identity.Provider
}

// AgentImage is the agent, built from this module.
var AgentImage = image.Image{Name: "harmony-fleet-agent", Package: "nationtech.io/harmony/cmd/harmony-fleet-agent"}

var (
	_ harmony.Score[AgentPlace]   = AgentPod{}
	_ harmony.Remover[AgentPlace] = AgentPod{}
)

// Name is "agent-" and the device.
func (s AgentPod) Name() string { return "agent-" + s.Device.String() }

// Interpret makes the Pod stand. That it runs says nothing about NATS: the smoke test does.
func (s AgentPod) Interpret(ctx context.Context, on AgentPlace) (harmony.Outcome, error) {
	if err := s.check(); err != nil {
		return harmony.Outcome{}, err
	}
	reference, err := on.Images().Provide(ctx, AgentImage)
	if err != nil {
		return harmony.Outcome{}, err
	}
	is, prepared, err := s.prepare(ctx, on.Kubernetes())
	if err != nil {
		return prepared, err
	}
	objects, err := s.objects(reference, is)
	if err != nil {
		return prepared, err
	}
	outcome, err := on.Kubernetes().Apply(ctx, s.inventory(), objects...)
	outcome.Changes = append(prepared.Changes, outcome.Changes...)
	return outcome, err
}

// prepare sees that the device has what it shows to NATS.
func (s AgentPod) prepare(ctx context.Context, on kube.Cluster) (is credentials, outcome harmony.Outcome, err error) {
	trusted := trust{}
	if trusted.nats, outcome, err = s.NATS.Pinned(ctx, on); err != nil {
		return nil, outcome, err
	}
	if s.Identity == nil {
		made, err := nats.Prepare(ctx, on, s.NATS.Ref, s.NATS.Device(s.Device).User)
		outcome.Changes = append(outcome.Changes, made.Changes...)
		return password{trusted, s.NATS.Device(s.Device)}, outcome, err
	}
	pinned, made, err := s.Identity.Pinned(ctx, on)
	outcome.Changes = append(outcome.Changes, made.Changes...)
	if err != nil {
		return nil, outcome, err
	}
	trusted.provider = pinned
	facts, err := s.Identity.Facts(ctx, on)
	if err != nil {
		return nil, outcome, err
	}
	m, err := s.Identity.Machine(ctx, on, s.Device.String())
	return profile{trusted, facts, m}, outcome, err
}

// Remove takes the Pod away.
func (s AgentPod) Remove(ctx context.Context, on AgentPlace, how harmony.Removal) (harmony.Removed, error) {
	return on.Kubernetes().Remove(ctx, s.inventory(), how)
}

func (s AgentPod) inventory() kube.Inventory {
	return kube.Inventory{Namespace: s.Namespace, Name: s.Name()}
}

func (s AgentPod) check() error {
	bad := diag.New(diag.BadPlacement)
	if s.Device.IsZero() {
		bad.Saw("no device is given")
	}
	if s.Namespace == "" || s.Namespace != s.NATS.Namespace {
		bad.Saw("the agent's namespace is \"" + s.Namespace + "\" and that of its NATS is \"" + s.NATS.Namespace + "\"").
			Note("the agent's password is a Secret beside NATS, and a Pod reads Secrets of its own namespace only")
	}
	if len(bad.Evidence) > 0 {
		return bad
	}
	return nil
}
