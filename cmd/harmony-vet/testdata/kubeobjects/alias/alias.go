// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package alias has objects by the names that others give them, and without an import.
package alias

import (
	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/cmd/harmony-vet/testdata/kubeobjects/score"
)

func objects() []kube.Object {
	var pod score.Pod
	pod.Spec = score.Spec{}                            // want "a k8s.io/api/core/v1.Pod is built" "a k8s.io/api/core/v1.PodSpec is built"
	return append(score.Objects(), &pod, &score.Pod{}, // want "a k8s.io/api/core/v1.Pod is built"
		new(score.Pod)) // want "a k8s.io/api/core/v1.Pod is built"
}

func ready(pods []score.Pod) bool { return pods[0].Status.Phase == "Running" }
