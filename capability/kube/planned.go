// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"strings"

	"nationtech.io/harmony"
)

// planned is what a plan says of the finding. hide masks the secrets that a text has.
func (f *finding) planned(hide func(string) string) harmony.Planned {
	p := harmony.Planned{
		Intent: f.action.Intent(), Object: f.String(), Namespace: f.Namespace, Detail: hide(f.detail),
		Unsaid: f.others, Unsure: hide(f.unsure),
	}
	if f.action == harmony.Replaced {
		p.Loses = loses(f.Kind)
	}
	if f.action == "" {
		return p
	}
	for _, d := range f.fields {
		p.Fields = append(p.Fields, f.field(d, hide))
	}
	return p
}

func (f *finding) field(d difference, hide func(string) string) harmony.Field {
	field := harmony.Field{Path: d.path}
	if by := writers(f.live, d.path); len(by) > 0 {
		field.Owner, field.Since = by[0].name, by[0].since
	}
	if f.Kind == "Secret" && f.Group == "" && !strings.HasPrefix(d.path, "metadata.labels") {
		field.Hidden = true
		return field
	}
	field.Before, field.After = masked(d.before, hide), masked(d.after, hide)
	return field
}

// masked is a copy of a value, as JSON has them, in which every text is masked.
func masked(v any, hide func(string) string) any {
	switch v := v.(type) {
	case string:
		return hide(v)
	case map[string]any:
		all := map[string]any{}
		for key, value := range v {
			all[key] = masked(value, hide)
		}
		return all
	case []any:
		all := make([]any, len(v))
		for i, value := range v {
			all[i] = masked(value, hide)
		}
		return all
	}
	return v
}
