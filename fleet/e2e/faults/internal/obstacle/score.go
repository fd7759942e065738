// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package obstacle is a Score that stands in the way of others: a quota, a policy, a webhook that does not answer, a
// definition that has taken names; or that gives what they lacked.
package obstacle

import (
	"context"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/kube"
)

// Score is what its fields ask for, in or about one namespace.
type Score struct {
	Namespace  string
	Label      string // its name; "obstacle" when empty
	Quota      bool   // no Pods may be made
	Webhook    bool   // a webhook that nobody serves is asked about Pods
	Policy     bool   // Pods are denied
	Secret     string // the name of a Secret with the key token
	ConfigMap  string // the name of a ConfigMap
	Class      string // the name of a StorageClass that provides volumes as local-path does
	Definition string // a group in which the names of Victim are taken
}

var (
	_ harmony.Score[kube.Place]   = Score{}
	_ harmony.Remover[kube.Place] = Score{}
)

// Name is the label.
func (s Score) Name() string {
	if s.Label != "" {
		return s.Label
	}
	return "obstacle"
}

// Interpret makes the objects stand.
func (s Score) Interpret(ctx context.Context, on kube.Place) (harmony.Outcome, error) {
	return on.Kubernetes().Apply(ctx, s.inventory(), s.objects()...)
}

// SmokeTest asks whether the namespace can be looked at: an obstacle does nothing of its own.
func (s Score) SmokeTest(ctx context.Context, on kube.Place) error {
	_, err := on.Kubernetes().Pods(ctx, s.Namespace, nil)
	return err
}

// Remove takes everything of it away.
func (s Score) Remove(ctx context.Context, on kube.Place, how harmony.Removal) (harmony.Removed, error) {
	return on.Kubernetes().Remove(ctx, s.inventory(), how)
}

func (s Score) inventory() kube.Inventory {
	return kube.Inventory{Namespace: s.Namespace, Name: s.Name()}
}
