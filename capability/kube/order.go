// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"slices"

	"k8s.io/apimachinery/pkg/runtime/schema"
)

// ranks is the order of application; what shares a rank goes side by side. Kinds
// that are not listed, custom resources among them, go with the workloads.
var ranks = [][]string{
	{"Namespace", "CustomResourceDefinition"},
	{"PriorityClass", "RuntimeClass", "StorageClass", "IngressClass", "ResourceQuota", "LimitRange",
		"ServiceAccount", "Role", "ClusterRole", "Secret", "ConfigMap", "NetworkPolicy", "PersistentVolume", "Lease"},
	{"RoleBinding", "ClusterRoleBinding", "PersistentVolumeClaim", "Service", "PodDisruptionBudget"},
	{}, // workloads and everything else
	{"HorizontalPodAutoscaler", "Ingress", "APIService", "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration",
		"ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"},
}

const (
	definitions = 0 // the rank that must be established before the next begins
	workloads   = 3
)

func rank(gvk schema.GroupVersionKind) int {
	if builtIn(gvk) {
		for i, kinds := range ranks {
			if slices.Contains(kinds, gvk.Kind) {
				return i
			}
		}
	}
	return workloads
}

// stages splits what is sorted by rank.
func stages[T any](sorted []T, kind func(T) schema.GroupVersionKind) (stages [][]T) {
	for i, it := range sorted {
		if i == 0 || rank(kind(it)) != rank(kind(sorted[i-1])) {
			stages = append(stages, nil)
		}
		last := len(stages) - 1
		stages[last] = append(stages[last], it)
	}
	return stages
}
