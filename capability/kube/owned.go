// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"
)

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

// holds tells whether the set has the field at the end of the steps, or anything below it, or as one what it is part of.
func holds(set *fieldpath.Set, steps []string) bool {
	if len(steps) == 0 {
		return !set.Empty()
	}
	found := false // the library's iterators cannot be left early
	set.Children.Iterate(func(element fieldpath.PathElement) {
		below, _ := set.Children.Get(element)
		found = found || means(element, steps[0]) && holds(below, steps[1:])
	})
	set.Members.Iterate(func(element fieldpath.PathElement) {
		_, more := set.Children.Get(element)
		found = found || means(element, steps[0]) && (len(steps) == 1 || !more)
	})
	return found
}

// means tells whether a step of a path that differences wrote means the element. Paths call the elements of a list by
// their names, which the API server does not do everywhere: it knows ports by their numbers. Where the two cannot be
// told apart, the step means every element.
func means(element fieldpath.PathElement, step string) bool {
	switch {
	case element.FieldName != nil:
		return *element.FieldName == step
	case element.Value != nil:
		return fmt.Sprint((*element.Value).Unstructured()) == step
	case element.Key == nil:
		return false
	}
	_, err := strconv.Atoi(step)
	named := err != nil // else it is a number, as keys are
	for _, field := range *element.Key {
		if fmt.Sprint(field.Value.Unstructured()) == step {
			return true
		}
		named = named && field.Name != "name"
	}
	return named
}

// steps are the names of a path that differences wrote: of fields, and of elements of lists.
func steps(field string) (steps []string) {
	for field != "" {
		if rest, inside := strings.CutPrefix(field, "["); inside {
			name, more, _ := strings.Cut(rest, "]")
			steps, field = append(steps, name), strings.TrimPrefix(more, ".")
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
