// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package score is where objects are built.
package score

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/kube"
)

// Pod and Spec are Kubernetes objects by other names.
type (
	Pod  = corev1.Pod
	Spec = corev1.PodSpec
)

const manifest = "apiVersion: v1\nkind: Pod\nmetadata: {name: probe}\n"

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

func (Score) objects() []kube.Object {
	other := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "example.com/v1", "kind": "Widget"}}
	return []kube.Object{&corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "probe"}}, other}
}

// Objects are for tests.
func Objects() []kube.Object { return Score{}.objects() }
