// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package testonly

import (
	"context"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/kube"
)

// Score is of a test.
type Score struct{}

var _ harmony.Score[kube.Place] = Score{}

// Name is "probe".
func (Score) Name() string { return "probe" }

// Interpret applies the Pod.
func (s Score) Interpret(ctx context.Context, on kube.Place) (harmony.Outcome, error) {
	return on.Kubernetes().Apply(ctx, kube.Inventory{Namespace: "probe", Name: s.Name()}, s.objects()...)
}

// SmokeTest finds the Pod.
func (s Score) SmokeTest(ctx context.Context, on kube.Place) error {
	_, err := on.Kubernetes().Pods(ctx, "probe", nil)
	return err
}

func (Score) objects() []kube.Object { return nil }
