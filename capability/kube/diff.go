// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"
)

// A difference is one field in which two readings of an object differ. A value is nil where there is none.
type difference struct {
	path          string // as spec.template.spec.containers[nats].image
	before, after any
	// ours tells that the component decides the field: it wants a value there, or wanted one until now.
	ours bool
}

// differences lists the fields in which what stands differs from what it would be once wanted was applied. What the
// API server writes by itself does not count.
func differences(before, after, wanted *unstructured.Unstructured) []difference {
	var found []difference
	compare("", settled(before), settled(after), settled(wanted), &found)
	return found
}

// differences are those between what stands of a finding and what would. A field that is ours by what was applied
// before is the component's too, although it is not wanted any more and defaulting has another value for it.
func (f *finding) differences(after *unstructured.Unstructured) []difference {
	all := differences(f.live, after, f.object)
	var before []*fieldpath.Set
	for _, m := range f.live.GetManagedFields() {
		if byHarmony(m) {
			before = append(before, written(m))
		}
	}
	for i, d := range all {
		all[i].ours = d.ours || slices.ContainsFunc(before, func(set *fieldpath.Set) bool { return holds(set, steps(d.path)) })
	}
	return all
}

// decided are the differences that are the component's own; others counts those that defaulting and webhooks make.
func decided(all []difference) (ours []difference, others int) {
	for _, d := range all {
		if d.ours {
			ours = append(ours, d)
		}
	}
	return ours, len(all) - len(ours)
}

func paths(all []difference) (paths []string) {
	for _, d := range all {
		paths = append(paths, d.path)
	}
	return paths
}

// settled is what people and Scores decide of an object.
func settled(u *unstructured.Unstructured) map[string]any {
	content := maps.Clone(u.Object)
	delete(content, "status")
	meta, _ := content["metadata"].(map[string]any)
	kept := map[string]any{}
	for _, field := range []string{"labels", "annotations", "finalizers", "ownerReferences"} {
		if v, ok := meta[field]; ok {
			kept[field] = v
		}
	}
	content["metadata"] = kept
	return content
}

func compare(path string, before, after, wanted any, found *[]difference) {
	if reflect.DeepEqual(before, after) {
		return
	}
	switch b := before.(type) {
	case map[string]any:
		if a, ok := after.(map[string]any); ok {
			w, _ := wanted.(map[string]any)
			compareMaps(path, b, a, w, join, found)
			return
		}
	case []any:
		if a, ok := after.([]any); ok && compareLists(path, b, a, wanted, found) {
			return
		}
	}
	// Server-side apply takes away only what was applied before, so what goes was ours.
	*found = append(*found, difference{path, before, after, wanted != nil || after == nil})
}

func compareMaps(path string, before, after, wanted map[string]any, join func(path, name string) string, found *[]difference) {
	names := maps.Clone(before)
	maps.Copy(names, after)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		compare(join(path, name), before[name], after[name], wanted[name], found)
	}
}

// keys are the fields by which the elements of Kubernetes' lists are told apart, the surest first.
var keys = []string{"name", "mountPath", "containerPort", "port", "key", "ip", "topologyKey", "devicePath", "metadata.name"}

// compareLists compares element by element where they have names; false when they have none.
func compareLists(path string, before, after []any, wanted any, found *[]difference) bool {
	for _, key := range keys {
		b, bNamed := by(key, before)
		a, aNamed := by(key, after)
		if !bNamed || !aNamed {
			continue
		}
		list, _ := wanted.([]any)
		w, _ := by(key, list)
		count := len(*found)
		compareMaps(path, b, a, w, func(path, name string) string { return path + "[" + name + "]" }, found)
		return len(*found) > count && sameOrder(key, before, after) // else the order differs, too
	}
	return false
}

// sameOrder tells whether the elements that both lists have come in one order.
func sameOrder(key string, before, after []any) bool {
	order := func(list, other []any) (names []string) {
		known, _ := by(key, other)
		for _, element := range list {
			alone, _ := by(key, []any{element})
			for name := range alone {
				if known[name] != nil {
					names = append(names, name)
				}
			}
		}
		return names
	}
	return slices.Equal(order(before, after), order(after, before))
}

// by finds a list's elements by a field that each has, and no two alike.
func by(key string, list []any) (map[string]any, bool) {
	named := map[string]any{}
	for _, element := range list {
		fields, _ := element.(map[string]any)
		name, ok, err := unstructured.NestedFieldNoCopy(fields, strings.Split(key, ".")...)
		if !ok || err != nil {
			return nil, false
		}
		named[fmt.Sprint(name)] = element
	}
	return named, len(named) == len(list)
}

func join(path, name string) string {
	if strings.ContainsAny(name, "./") {
		return path + "[" + name + "]"
	}
	if path == "" {
		return name
	}
	return path + "." + name
}

// detail names some fields and counts the others.
func detail(fields []string) string {
	const most = 4
	if len(fields) <= most {
		return strings.Join(fields, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(fields[:most], ", "), len(fields)-most)
}
