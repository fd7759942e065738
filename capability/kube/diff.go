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
)

// differences lists the fields in which two readings of an object differ, as
// spec.template.spec.containers[nats].image; never their values. What the API server
// writes by itself does not count.
func differences(before, after *unstructured.Unstructured) []string {
	var found []string
	compare("", settled(before), settled(after), &found)
	return found
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

func compare(path string, before, after any, found *[]string) {
	if reflect.DeepEqual(before, after) {
		return
	}
	switch b := before.(type) {
	case map[string]any:
		if a, ok := after.(map[string]any); ok {
			compareMaps(path, b, a, found)
			return
		}
	case []any:
		if a, ok := after.([]any); ok && compareLists(path, b, a, found) {
			return
		}
	}
	*found = append(*found, path)
}

func compareMaps(path string, before, after map[string]any, found *[]string) {
	names := maps.Clone(before)
	maps.Copy(names, after)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		compare(join(path, name), before[name], after[name], found)
	}
}

// compareLists compares by the elements' names; false when they have none.
func compareLists(path string, before, after []any, found *[]string) bool {
	b, bNamed := byName(before)
	a, aNamed := byName(after)
	if !bNamed || !aNamed {
		return false
	}
	names := maps.Clone(b)
	maps.Copy(names, a)
	count := len(*found)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		compare(fmt.Sprintf("%s[%s]", path, name), b[name], a[name], found)
	}
	return len(*found) > count // else the order alone differs
}

func byName(list []any) (map[string]any, bool) {
	named := map[string]any{}
	for _, element := range list {
		fields, _ := element.(map[string]any)
		name, ok := fields["name"].(string)
		if !ok {
			return nil, false
		}
		named[name] = element
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
