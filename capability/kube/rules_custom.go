// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"cmp"
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// custom judges an object of a kind that Harmony does not know by the conditions that most
// controllers write: Stalled, then Ready or Available. Without them nobody can tell, and silence is no consent.
func custom(u *unstructured.Unstructured) verdict {
	seen, told, _ := unstructured.NestedInt64(u.Object, "status", "observedGeneration")
	if told && seen < u.GetGeneration() {
		return waits("its controller has not seen it yet")
	}
	if c := conditionOf(u, "Stalled"); c != nil && c["status"] == "True" {
		return fails(stalled, sentence(c))
	}
	c := conditionOf(u, "Ready", "Available")
	if c == nil {
		return fails(unjudged, "it has no condition Ready or Available")
	}
	if of, ok := c["observedGeneration"].(int64); ok && of < u.GetGeneration() {
		return waits("its controller has not seen it yet")
	}
	if c["status"] == "True" {
		return isReady()
	}
	return waits(sentence(c))
}

// conditionOf gives the first condition of one of these types; nil when there is none.
func conditionOf(u *unstructured.Unstructured, types ...string) map[string]any {
	conditions, _, _ := unstructured.NestedSlice(u.Object, "status", "conditions")
	for _, element := range conditions {
		c, _ := element.(map[string]any)
		if kind, _ := c["type"].(string); oneOf(kind, types) {
			return c
		}
	}
	return nil
}

func sentence(c map[string]any) string {
	return fmt.Sprintf("condition %s is %v: %v %v", c["type"], c["status"], c["reason"], cmp.Or(c["message"], any("")))
}
