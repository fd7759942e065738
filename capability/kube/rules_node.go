// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import corev1 "k8s.io/api/core/v1"

// node judges a node by what its kubelet, or the controller that misses it, says.
func node(n *corev1.Node) verdict {
	for _, c := range n.Status.Conditions {
		if c.Type == corev1.NodeReady {
			if c.Status == corev1.ConditionTrue {
				return isReady()
			}
			return fails(nodeDown, c.Reason+": "+c.Message)
		}
	}
	return waits("its kubelet has not reported yet")
}

// pressed tells whether a node is short of something.
func pressed(n *corev1.Node) bool {
	for _, c := range n.Status.Conditions {
		switch c.Type {
		case corev1.NodeDiskPressure, corev1.NodeMemoryPressure, corev1.NodePIDPressure:
			if c.Status == corev1.ConditionTrue {
				return true
			}
		}
	}
	return false
}
