// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package elsewhere

import (
	"context"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/kube"
)

// Score is any.
type Score struct{}

// Name is "score".
func (Score) Name() string { return "score" }

// Interpret changes nothing.
func (Score) Interpret(context.Context, kube.Place) (harmony.Outcome, error) {
	return harmony.Outcome{}, nil
}

// SmokeTest looks for Pods.
func (Score) SmokeTest(ctx context.Context, on kube.Place) error {
	_, err := on.Kubernetes().Pods(ctx, "score", nil)
	return err
}
