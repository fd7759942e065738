// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package smoketest has smoke tests that prove nothing.
package smoketest

import (
	"context"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/kube"
)

type base struct{}

func (base) Name() string { return "score" }

func (base) Interpret(context.Context, kube.Place) (harmony.Outcome, error) {
	return harmony.Outcome{}, nil
}

// Always passes.
type Always struct{ base }

// SmokeTest believes that what was applied runs.
func (Always) SmokeTest(context.Context, kube.Place) error { return nil } // want "smoketest: the smoke test of Always does not look at its place"

// Sometimes looks.
type Sometimes struct {
	base
	Quick bool
}

// SmokeTest takes the quick way out.
func (s Sometimes) SmokeTest(ctx context.Context, on kube.Place) error {
	if s.Quick {
		return nil // want "smoketest: a smoke test passes here without a look at its place"
	}
	_, err := on.Kubernetes().Pods(ctx, "score", nil)
	return err
}
