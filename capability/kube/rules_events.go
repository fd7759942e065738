// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
)

// tolerance is how far the clocks of a cluster and of this machine may be apart: events older than
// the wait by more than that tell of an earlier deploy.
const tolerance = 30 * time.Second

// warning gives the newest warning about an object with one of these reasons; nil when there is none since the wait
// began. Some states show nowhere else: a mount that fails, a Pod that a StatefulSet may not make.
func (w *world) warning(about types.UID, reasons ...string) *corev1.Event {
	var newest *corev1.Event
	for _, e := range w.events[about] {
		if !oneOf(e.Reason, reasons) || seen(*e).Before(w.from.Add(-tolerance)) {
			continue
		}
		if newest == nil || seen(*e).After(seen(*newest)) {
			newest = e
		}
	}
	return newest
}

func oneOf(text string, all []string) bool {
	for _, other := range all {
		if text == other {
			return true
		}
	}
	return false
}

// probed is what the kubelet says of a failing probe of a container; empty when it says nothing.
func (w *world) probed(p *corev1.Pod, container string, probes ...string) string {
	var newest *corev1.Event
	for _, e := range w.events[p.UID] {
		of := e.InvolvedObject.FieldPath
		if e.Reason != "Unhealthy" || of != "" && !strings.Contains(of, "{"+container+"}") {
			continue
		}
		for _, probe := range probes {
			if strings.HasPrefix(e.Message, probe+" probe") && (newest == nil || seen(*e).After(seen(*newest))) {
				newest = e
			}
		}
	}
	if newest == nil {
		return ""
	}
	return strings.TrimSpace(newest.Message)
}

// unmounted judges a container that is being created by the volumes that its Pod waits for.
func (w *world) unmounted(p *corev1.Pod, s corev1.ContainerStatus) verdict {
	if s.State.Waiting.Reason != "ContainerCreating" && s.State.Waiting.Reason != "PodInitializing" {
		return isReady()
	}
	e := w.warning(p.UID, "FailedMount", "FailedAttachVolume", "FailedMapVolume")
	if e == nil {
		return isReady()
	}
	t := volumeUnmounted
	if told(missingSigns, e.Message, volumeUnmounted).code == missingReference.code {
		t = volumeReference
	}
	return fails(t, strings.TrimSpace(e.Message))
}

// refusedPods judges a workload that may not make its Pods.
func (w *world) refusedPods(owner types.UID) verdict {
	if e := w.warning(owner, "FailedCreate"); e != nil {
		return fails(told(admissionSigns, e.Message, podsForbidden), strings.TrimSpace(e.Message))
	}
	return isReady()
}

// unplaced gives the trouble of a Pod for which the scheduler finds no node.
func (w *world) unplaced(message string) trouble {
	if t := told(placeSigns, message, unschedulable); t.name != unschedulable.name {
		return t
	}
	if !strings.Contains(message, "taint") {
		return unschedulable
	}
	short := false
	for _, n := range w.nodes {
		if node(n).state == ready {
			if !pressed(n) {
				return unschedulable
			}
			short = true
		}
	}
	switch {
	case short:
		return nodeShort
	case len(w.nodes) > 0:
		return noNode
	}
	return unschedulable
}
