// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package kubeobjects is a harness that makes its own Pods.
package kubeobjects

import (
	_ "embed"

	corev1 "k8s.io/api/core/v1" // want "kubeobjects: import of k8s.io/api/core/v1 in a package that implements no Score"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"nationtech.io/harmony/capability/kube"
)

const claim = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data}\n" // want "kubeobjects: the manifest of a Kubernetes object"

//go:embed pod.yaml
var pod string // want "the manifest of a Kubernetes object is embedded: pod.yaml"

func objects() []kube.Object {
	return []kube.Object{&corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "probe"}}}
}
