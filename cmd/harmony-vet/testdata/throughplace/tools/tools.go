// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package tools has what Scores do not use.
package tools

import (
	"context"

	_ "k8s.io/client-go/util/homedir"             // want "a Score's package imports k8s.io/client-go/util/homedir"
	run "os/exec"                                 // want "a Score's package imports os/exec"
	. "sigs.k8s.io/controller-runtime/pkg/scheme" // want "a Score's package imports sigs.k8s.io/controller-runtime/pkg/scheme"

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

var _ = run.Command

var _ Builder
