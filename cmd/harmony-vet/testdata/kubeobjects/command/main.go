// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Command command has a Score, and is a command all the same.
package main

import (
	"context"

	corev1 "k8s.io/api/core/v1" // want "import of k8s.io/api/core/v1 in a package that implements no Score"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/kube"
)

// Score is one Pod.
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

func (Score) objects() []kube.Object { return []kube.Object{&corev1.Pod{}} }

func main() {}
