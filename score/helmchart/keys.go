// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package helmchart

import (
	"maps"
	"slices"
	"strings"

	helm "helm.sh/helm/v4/pkg/chart/v2"

	"nationtech.io/harmony/diag"
)

// A node is one value that a chart knows, and the keys below it.
type node struct {
	keys map[string]node // none: it is no map, or nobody can tell
	any  bool            // it takes any key
}

func free() node { return node{keys: map[string]node{}, any: true} }

// anyKeys are the ends of names of maps that have keys of their users' own in every chart, whatever the defaults show.
var anyKeys = []string{"annotations", "labels", "nodeselector"}

// nodeOf reads the defaults. An empty map, or nothing at all, is a place for what nobody foresaw.
func nodeOf(name string, value any) node {
	n := node{keys: map[string]node{}}
	content, is := value.(map[string]any)
	n.any = len(content) == 0 && (is || value == nil) && name != ""
	for _, end := range anyKeys {
		n.any = n.any || is && strings.HasSuffix(strings.ToLower(name), end)
	}
	for key, below := range content {
		n.keys[key] = nodeOf(key, below)
	}
	return n
}

// mostDepth bounds schemas that refer to themselves.
const mostDepth = 16

// learn adds what a schema says of the node.
func (n *node) learn(schema, whole map[string]any, depth int) {
	if depth > mostDepth {
		n.any = true
		return
	}
	if ref, is := schema["$ref"].(string); is {
		if to := within(whole, ref); to != nil {
			n.learn(to, whole, depth+1)
		}
	}
	for _, several := range []string{"allOf", "anyOf", "oneOf"} {
		parts, _ := schema[several].([]any)
		for _, part := range parts {
			if one, is := part.(map[string]any); is {
				n.learn(one, whole, depth+1)
			}
		}
	}
	switch more := schema["additionalProperties"].(type) {
	case bool:
		n.any = n.any || more
	case map[string]any:
		n.any = true
	}
	if _, patterns := schema["patternProperties"]; patterns {
		n.any = true
	}
	properties, _ := schema["properties"].(map[string]any)
	for key, value := range properties {
		below, known := n.keys[key]
		if !known {
			below = node{keys: map[string]node{}}
		}
		if one, is := value.(map[string]any); is {
			below.any = below.any || !known && one["properties"] == nil && one["$ref"] == nil
			below.learn(one, whole, depth+1)
		}
		n.keys[key] = below
	}
}

// within follows a reference of a schema into itself; nil when it leads elsewhere.
func within(whole map[string]any, ref string) map[string]any {
	path, local := strings.CutPrefix(ref, "#/")
	if !local {
		return nil
	}
	at := whole
	for _, step := range strings.Split(path, "/") {
		next, is := at[step].(map[string]any)
		if !is {
			return nil
		}
		at = next
	}
	return at
}

// conditions are the values by which a part is switched on.
func (n *node) conditions(d *helm.Dependency) {
	for _, path := range strings.Split(d.Condition, ",") {
		if path = strings.TrimSpace(path); path != "" {
			n.put(strings.Split(path, "."))
		}
	}
	if len(d.Tags) > 0 {
		n.keys["tags"] = free()
	}
}

func (n *node) put(path []string) {
	below, known := n.keys[path[0]]
	if !known {
		below = node{keys: map[string]node{}}
	}
	if len(path) > 1 {
		below.put(path[1:])
	}
	n.keys[path[0]] = below
}

// with is the node with the keys of another besides.
func (n node) with(other node) node {
	both := node{keys: maps.Clone(n.keys), any: n.any}
	for key, below := range other.keys {
		both.keys[key] = below.with(both.keys[key])
		if n.keys[key].keys == nil {
			both.keys[key] = below
		}
	}
	return both
}

// open lets the node at the path take any key. It tells whether there is one.
func (n *node) open(path string) bool {
	first, rest, deeper := strings.Cut(path, ".")
	below, known := n.keys[first]
	if !known {
		return false
	}
	if !deeper {
		below.any = true
	} else if !below.open(rest) {
		return false
	}
	n.keys[first] = below
	return true
}

// check finds the keys that the node does not know.
func (n node) check(path string, values map[string]any, unknown *diag.Diagnostic) {
	for _, key := range slices.Sorted(maps.Keys(values)) {
		at := key
		if path != "" {
			at = path + "." + key
		}
		below, known := n.keys[key]
		if !known {
			if !n.any {
				unknown.Saw(at)
				if near := diag.Near(key, slices.Sorted(maps.Keys(n.keys))); len(near) > 0 {
					unknown.Try("did you mean " + strings.TrimSuffix(at, key) + near[0] + "?")
				}
			}
			continue
		}
		if content, is := values[key].(map[string]any); is {
			below.check(at, content, unknown)
		}
	}
}
