// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package config

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// document is a TOML file as a flat map from dotted names to values, with the
// lines where they stand. It collects what is found wrong while it is read.
type document struct {
	values   map[string]any
	lines    map[string]int
	known    []string // every name that was asked for, in that order
	findings []Finding
}

func parse(data []byte) (*document, *Finding) {
	var tree map[string]any
	if err := toml.Unmarshal(data, &tree); err != nil {
		f := Finding{Problem: err.Error()}
		var at *toml.DecodeError
		if errors.As(err, &at) {
			f.Line, _ = at.Position()
		}
		return nil, &f
	}
	d := &document{values: map[string]any{}, lines: linesOf(data)}
	flatten(d.values, "", tree)
	return d, nil
}

func flatten(into map[string]any, prefix string, tree map[string]any) {
	for name, value := range tree {
		if table, ok := value.(map[string]any); ok && len(table) > 0 {
			flatten(into, prefix+name+".", table)
			continue
		}
		into[prefix+name] = value
	}
}

// linesOf goes over the file once more, because the decoder does not keep where things stood.
func linesOf(data []byte) map[string]int {
	lines := map[string]int{}
	var p unstable.Parser
	p.Reset(data)
	prefix := ""
	for p.NextExpression() {
		node := p.Expression()
		var names []string
		line := 0
		for key := node.Key(); key.Next(); {
			names = append(names, string(key.Node().Data))
			line = p.Shape(key.Node().Raw).Start.Line
		}
		name := strings.Join(names, ".")
		if node.Kind == unstable.KeyValue {
			lines[prefix+name] = line
		} else {
			lines[name], prefix = line, name+"."
		}
	}
	return lines
}

// line is where a name stands, or the table that it is in.
func (d *document) line(name string) int {
	for {
		if line, ok := d.lines[name]; ok {
			return line
		}
		cut := strings.LastIndexByte(name, '.')
		if cut < 0 {
			return 0
		}
		name = name[:cut]
	}
}

func (d *document) found(name, format string, args ...any) {
	d.findings = append(d.findings, Finding{d.line(name), fmt.Sprintf(format, args...)})
}

// take gives the value of a name, which is a known one from now on; false when it is absent or of another type.
func take[T any](d *document, name, what string) (T, bool) {
	d.known = append(d.known, name)
	value, given := d.values[name]
	typed, ok := value.(T)
	if given && !ok {
		d.found(name, "%s must be %s", name, what)
	}
	return typed, ok
}

func (d *document) text(name string) (string, bool) {
	return take[string](d, name, "a text in quotes")
}

// unknown reports every name that nobody asked for.
func (d *document) unknown() {
	for _, name := range slices.Sorted(maps.Keys(d.values)) {
		if slices.Contains(d.known, name) || d.isTable(name) {
			continue
		}
		d.found(name, "unknown field %q%s", name, d.meant(name))
	}
}

// isTable tells whether name is an empty table that may have been filled.
func (d *document) isTable(name string) bool {
	table, ok := d.values[name].(map[string]any)
	return ok && len(table) == 0 && slices.ContainsFunc(d.known, func(k string) bool { return strings.HasPrefix(k, name+".") })
}

// meant looks for a near name, and then for the same name in another table.
func (d *document) meant(name string) string {
	if hint := meant(name, d.known); hint != "" {
		return hint
	}
	last := name[strings.LastIndexByte(name, '.')+1:]
	for _, k := range d.known {
		if k[strings.LastIndexByte(k, '.')+1:] == last {
			return fmt.Sprintf(", did you mean %q?", k)
		}
	}
	return ""
}

func (d *document) sorted() []Finding {
	slices.SortStableFunc(d.findings, func(a, b Finding) int { return cmp.Compare(a.Line, b.Line) })
	return d.findings
}
