// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package deploy

import (
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"nationtech.io/harmony/capability/kube"
)

// reported lets an object of the fleet wait for its condition Ready as long as the deploy does. Nobody says anything of it until
// an operator leads: its image may have to be pulled, and the Lease of one that was killed runs out after 15 s.
func reported(o kube.Object) kube.Object { return kube.WithReadiness(o, saidReady) }

func saidReady(o kube.Object) kube.Readiness {
	var live struct {
		Metadata metav1.ObjectMeta `json:"metadata"`
		Status   struct {
			Conditions []metav1.Condition `json:"conditions"`
		} `json:"status"`
	}
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(o)
	if err == nil {
		err = runtime.DefaultUnstructuredConverter.FromUnstructured(content, &live)
	}
	if err != nil {
		return kube.Readiness{Reason: err.Error()}
	}
	ready := meta.FindStatusCondition(live.Status.Conditions, "Ready")
	switch {
	case ready == nil:
		return kube.Readiness{Reason: "no operator has said anything of it"}
	case ready.ObservedGeneration < live.Metadata.Generation:
		return kube.Readiness{Reason: "the operator has not seen it as it is now"}
	case ready.Status != metav1.ConditionTrue:
		return kube.Readiness{Reason: ready.Reason + ": " + ready.Message}
	}
	return kube.Readiness{Ready: true}
}
