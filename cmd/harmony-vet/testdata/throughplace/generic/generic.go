// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package generic has Scores for every place.
package generic

import (
	"context"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/kube"
)

// Loud wraps a Score.
type Loud[C any] struct{ harmony.Score[C] }

// Unwrap gives it out.
func (l *Loud[C]) Unwrap() harmony.Score[C] { return l.Score }

// Interpret looks whether it is on a Kubernetes.
func (l *Loud[Any]) Interpret(ctx context.Context, place Any) (harmony.Outcome, error) {
	if _, ok := any(place).(kube.Place); ok { // want "a type assertion on the Score's place"
		return harmony.Outcome{}, nil
	}
	if _, ok := l.Score.(interface{ Loud() bool }); ok {
		return harmony.Outcome{}, nil
	}
	return l.Score.Interpret(ctx, place)
}

// Quiet is for places that can do something.
type Quiet[C kube.Place] struct{}

// Name is "quiet".
func (Quiet[C]) Name() string { return "quiet" }

// Interpret looks behind the capability.
func (q *Quiet[C]) Interpret(_ context.Context, on C) (harmony.Outcome, error) {
	_ = on.Kubernetes().(*kube.Client) // want "a type assertion on the Score's place"
	return harmony.Outcome{}, nil
}

// SmokeTest is that of Quiet.
func (q *Quiet[C]) SmokeTest(ctx context.Context, on C) error {
	_, err := on.Kubernetes().Pods(ctx, "", nil)
	return err
}
