// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

const mostNodes = 4

// offers says of each node what it has for Pods and whom it turns away: why the scheduler passed it over.
func (w *world) offers() (said []string) {
	for _, name := range slices.Sorted(maps.Keys(w.nodes)) {
		if len(said) == mostNodes {
			return append(said, fmt.Sprintf("and %d nodes more", len(w.nodes)-mostNodes))
		}
		said = append(said, offer(w.nodes[name]))
	}
	return said
}

func offer(n *corev1.Node) string {
	has := n.Status.Allocatable
	text := fmt.Sprintf("Node/%s has cpu %s, memory %s for all its Pods together, and room for %s of them", n.Name,
		has.Cpu(), has.Memory(), has.Pods())
	if v := node(n); v.state != ready {
		text += "; " + v.reason
	}
	if n.Spec.Unschedulable {
		text += "; it is cordoned: it takes no new Pods"
	}
	var taints []string
	for _, t := range n.Spec.Taints {
		if t.Effect != corev1.TaintEffectPreferNoSchedule {
			taints = append(taints, t.ToString())
		}
	}
	if len(taints) > 0 {
		text += "; it takes only Pods that tolerate " + strings.Join(taints, ", ")
	}
	return text
}
