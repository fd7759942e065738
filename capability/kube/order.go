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

// stage is when an item is applied: by its turn, and within that by its kind.
func (it item) stage() int { return it.turn*len(ranks) + rank(it.GroupVersionKind) }

// stages splits what is sorted by stage.
func stages[T any](sorted []T, stage func(T) int) (stages [][]T) {
	for i, it := range sorted {
		if i == 0 || stage(it) != stage(sorted[i-1]) {
			stages = append(stages, nil)
		}
		last := len(stages) - 1
		stages[last] = append(stages[last], it)
	}
	return stages
}
