// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package hidden has a Score that it does not export.
package hidden

import (
	"context"

	corev1 "k8s.io/api/core/v1"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/kube"
)

type hidden struct{}

func (*hidden) Name() string { return "hidden" }

func (h *hidden) Interpret(ctx context.Context, on kube.Place) (harmony.Outcome, error) {
	return on.Kubernetes().Apply(ctx, kube.Inventory{}, &corev1.Pod{})
}

func (*hidden) SmokeTest(ctx context.Context, on kube.Place) error {
	_, err := on.Kubernetes().Pods(ctx, "", nil)
	return err
}

// Placed is the Score, placed.
func Placed(on kube.Place) *harmony.Placement { return harmony.Place[kube.Place](&hidden{}).On(on) }
