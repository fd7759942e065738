// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package companions has companions that a deploy may pass over.
package companions

import (
	"context"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/kube"
)

// Score forgot that a removal can be told how.
type Score struct{ Namespace string }

var _ harmony.Score[kube.Place] = Score{}

// Name is "score".
func (Score) Name() string { return "score" }

// Interpret changes nothing.
func (Score) Interpret(context.Context, kube.Place) (harmony.Outcome, error) {
	return harmony.Outcome{}, nil
}

// SmokeTest looks for Pods.
func (s Score) SmokeTest(ctx context.Context, on kube.Place) error {
	_, err := on.Kubernetes().Pods(ctx, s.Namespace, nil)
	return err
}

// Remove is never called.
func (s Score) Remove(ctx context.Context, on kube.Place) error { // want "companions: Score.Remove is not the method of harmony.Remover"
	_, err := on.Kubernetes().Remove(ctx, kube.Inventory{Namespace: s.Namespace, Name: s.Name()}, harmony.Removal{})
	return err
}

// Parts are right.
func (Score) Parts(kube.Place) []*harmony.Placement { return nil } // want "companions: Score.Parts has no guard"

// Quiet hides what the Score that it wraps can do.
type Quiet struct{ harmony.Score[kube.Place] } // want "companions: Quiet holds a Score in its field Score and hides its companions"
