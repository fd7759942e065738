// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"bytes"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"
)

// A writer is who, besides Harmony, wrote a field, and when he wrote last.
type writer struct {
	name  string
	since time.Time
}

// writers are those who wrote any of the fields, the latest first; a field inside a list counts as the list.
func writers(live *unstructured.Unstructured, fields ...string) (all []writer) {
	for _, m := range live.GetManagedFields() {
		if byHarmony(m) || m.Subresource != "" {
			continue
		}
		set := written(m)
		if slices.ContainsFunc(fields, func(field string) bool { return wrote(set, field) }) {
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

// byHarmony tells whether the fields were applied by Harmony.
func byHarmony(m metav1.ManagedFieldsEntry) bool {
	return m.Manager == manager && m.Operation == metav1.ManagedFieldsOperationApply
}

// written are the fields of an entry; none of one that cannot be read.
func written(m metav1.ManagedFieldsEntry) *fieldpath.Set {
	set := &fieldpath.Set{}
	if m.FieldsV1 == nil || set.FromJSON(bytes.NewReader(m.FieldsV1.GetRawBytes())) != nil {
		return &fieldpath.Set{}
	}
	return set
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

func wrote(set *fieldpath.Set, field string) bool {
	var path fieldpath.Path
	for _, step := range steps(field) {
		path = append(path, fieldpath.PathElement{FieldName: &step})
	}
	if set.Has(path) {
		return true
	}
	for _, step := range path {
		set = set.WithPrefix(step)
	}
	return !set.Empty()
}

// steps are the names down to the first list, of a path that differences wrote.
func steps(field string) (steps []string) {
	for field != "" {
		if strings.HasPrefix(field, "[") {
			name, rest, _ := strings.Cut(field[1:], "]")
			if !strings.ContainsAny(name, "./") {
				return steps // an element of a list
			}
			steps, field = append(steps, name), strings.TrimPrefix(rest, ".")
			continue
		}
		end := strings.IndexAny(field, ".[")
		if end < 0 {
			return append(steps, field)
		}
		steps, field = append(steps, field[:end]), strings.TrimPrefix(field[end:], ".")
	}
	return steps
}
