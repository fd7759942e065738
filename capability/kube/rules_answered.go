// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
)

// ingress is ready when a controller has said where it is reached. One that no controller answers for
// never says so, and neither does one whose controller does not write it: nobody can tell them apart.
func ingress(i *networkingv1.Ingress) verdict {
	if len(i.Status.LoadBalancer.Ingress) > 0 {
		return isReady()
	}
	class := "the default class"
	if i.Spec.IngressClassName != nil {
		class = "class " + *i.Spec.IngressClassName
	}
	return fails(nobodyAnswersFor, "no controller of "+class+" has given it an address")
}

// autoscaler is ready when it can read what it scales by, and scale.
func autoscaler(h *autoscalingv2.HorizontalPodAutoscaler) verdict {
	if len(h.Status.Conditions) == 0 {
		return fails(nobodyAnswersFor, "no controller has reported on it")
	}
	if h.Status.ObservedGeneration != nil && *h.Status.ObservedGeneration < h.Generation {
		return waits("its controller has not seen it yet")
	}
	for _, c := range h.Status.Conditions {
		matters := c.Type == autoscalingv2.AbleToScale || c.Type == autoscalingv2.ScalingActive
		if matters && c.Status == corev1.ConditionFalse && c.Reason != "ScalingDisabled" {
			return fails(cannotScale, c.Reason+": "+c.Message)
		}
	}
	return isReady()
}

// budget is ready when its controller has counted its Pods; how many may go is no matter of readiness.
func budget(b *policyv1.PodDisruptionBudget) verdict {
	for _, c := range b.Status.Conditions {
		if c.Type == policyv1.DisruptionAllowedCondition && c.Reason == policyv1.SyncFailedReason {
			return fails(budgetFails, c.Message)
		}
	}
	if b.Status.ObservedGeneration < b.Generation {
		return waits("its controller has not seen it yet")
	}
	return isReady()
}
