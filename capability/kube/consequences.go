// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// hideConsequences takes for ready what only suffers from what another item suffers from: that one has the cause,
// and one cause is one error.
func (j *judgement) hideConsequences() {
	nodes := map[string]bool{}
	for _, ref := range sorted(j.verdicts) {
		v := j.verdicts[ref]
		switch {
		case v.state == ready:
		case j.suffers(ref, v):
			j.verdicts[ref] = isReady()
		case v.trouble.name == nodeAway.name:
			if nodes[v.reason] {
				j.verdicts[ref] = isReady()
			}
			nodes[v.reason] = true
		}
	}
}

// suffers tells whether another item that is not ready has the cause of what is said of this one.
func (j *judgement) suffers(ref reference, v verdict) bool {
	for _, other := range j.items {
		of := j.verdicts[other.reference]
		if of.state == ready || other.reference == ref || other.Namespace != ref.Namespace {
			continue
		}
		switch o := j.world.objects[ref.key()].(type) {
		case *corev1.Service: // waits for Pods of a workload
			if (v.state == notYet || v.trouble.name == selectsNothing.name) && runs(other, o.Spec.Selector) {
				return true
			}
		case *autoscalingv2.HorizontalPodAutoscaler: // has nothing to measure
			if o.Spec.ScaleTargetRef.Kind == other.Kind && o.Spec.ScaleTargetRef.Name == other.Name {
				return true
			}
		}
		if other.Kind == "PersistentVolumeClaim" && of.state == bad && v.pod != nil && mounts(v.pod, other.Name) {
			return true
		}
	}
	return false
}

// runs tells whether the workload's Pods carry the labels.
func runs(it item, selector map[string]string) bool {
	template := templateLabels(it)
	return template != nil && labels.SelectorFromSet(selector).Matches(labels.Set(template))
}

// mounts tells whether the Pod has the claim among its volumes.
func mounts(p *corev1.Pod, claim string) bool {
	for _, v := range p.Spec.Volumes {
		if v.PersistentVolumeClaim != nil && v.PersistentVolumeClaim.ClaimName == claim {
			return true
		}
	}
	return false
}
