// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"bytes"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"
)

// editors names who, besides Harmony, wrote any of the fields; a field inside a
// list counts as the list.
func editors(live *unstructured.Unstructured, fields []string) (names []string) {
	for _, m := range live.GetManagedFields() {
		ours := m.Manager == manager && m.Operation == metav1.ManagedFieldsOperationApply
		if ours || m.Subresource != "" || m.FieldsV1 == nil || slices.Contains(names, m.Manager) {
			continue
		}
		var set fieldpath.Set
		if err := set.FromJSON(bytes.NewReader(m.FieldsV1.GetRawBytes())); err != nil {
			continue
		}
		if slices.ContainsFunc(fields, func(field string) bool { return wrote(&set, field) }) {
			names = append(names, m.Manager)
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
