// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// A writer is who, besides Harmony, wrote a field, and when he wrote last.
type writer struct {
	name  string
	since time.Time
}

// writers are those who wrote any of the fields, the latest first.
func writers(live *unstructured.Unstructured, fields ...string) (all []writer) {
	for _, m := range live.GetManagedFields() {
		if byHarmony(m) || m.Subresource != "" {
			continue
		}
		set := written(m)
		if slices.ContainsFunc(fields, func(field string) bool { return holds(set, steps(field)) }) {
			w := writer{name: m.Manager}
			if m.Time != nil {
				w.since = m.Time.UTC()
			}
			all = append(all, w)
		}
	}
	slices.SortStableFunc(all, func(a, b writer) int { return b.since.Compare(a.since) })
	return all
}

// editors names the writers of any of the fields, each once.
func editors(live *unstructured.Unstructured, fields []string) (names []string) {
	for _, w := range writers(live, fields...) {
		if !slices.Contains(names, w.name) {
			names = append(names, w.name)
		}
	}
	return names
}
