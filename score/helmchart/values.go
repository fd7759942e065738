// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package helmchart

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"

	"helm.sh/helm/v4/pkg/chart/common"
	commonutil "helm.sh/helm/v4/pkg/chart/common/util"
	helm "helm.sh/helm/v4/pkg/chart/v2"
	"helm.sh/helm/v4/pkg/chart/v2/loader"

	"nationtech.io/harmony/diag"
)

// values are the Score's as Helm reads them, after every key was found in the chart.
func (s Score) values(c *helm.Chart) (map[string]any, error) {
	text, err := json.Marshal(s.Values)
	if err != nil {
		return nil, diag.New(diag.BadPlacement, s.Name()).Saw("the values cannot be encoded").Because(err).
			Try("put what is secret into a Secret, and tell the chart its name")
	}
	if s.Values == nil {
		text = []byte("{}")
	}
	values, err := loader.LoadValues(bytes.NewReader(text))
	if err != nil {
		return nil, diag.New(diag.BadPlacement, s.Name()).Saw("the values are no map").Because(err)
	}
	known, err := s.known(c)
	if err != nil {
		return nil, err
	}
	unknown := diag.New(diag.ValueUnknown, s.Name(), "chart")
	known.check("", values, unknown)
	if len(unknown.Evidence) > 0 {
		return nil, unknown.Note("a key that no template reads does nothing, and nobody would be told").
			Try("where the chart takes any key although its defaults do not show it, say so: Open")
	}
	return values, nil
}

// known is every key that the chart knows: of its defaults, its schema and its parts.
func (s Score) known(c *helm.Chart) (node, error) {
	root, err := knownOf(c)
	if err != nil {
		return root, s.unrendered().Because(err)
	}
	for _, p := range s.Open {
		if !root.open(p) {
			return root, diag.New(diag.BadPlacement, s.Name()).Saw("the chart has no value " + p + ", which is to be open")
		}
	}
	return root, nil
}

// elsewhere is a reference of a schema to what is not in the chart.
var elsewhere = regexp.MustCompile(`"\$ref"\s*:\s*"(https?|file|urn):[^"]*"`)

// schema holds the values to the schemas of the chart and its parts, if they have any.
func (s Score) schema(c *helm.Chart, input common.Values) error {
	if err := s.closed(c); err != nil {
		return err
	}
	values, err := input.Table("Values")
	if err != nil {
		return s.unrendered().Because(err)
	}
	if err := commonutil.ValidateAgainstSchema(c, values); err != nil {
		return diag.New(diag.ValueRefused, s.Name(), "chart").Because(err).Saw(err.Error())
	}
	return nil
}

// closed sees that no schema has to be fetched.
func (s Score) closed(c *helm.Chart) error {
	if found := elsewhere.Find(c.Schema); found != nil {
		return s.unrendered().Saw(fmt.Sprintf("the schema of %s refers to what is not in the chart: %s", c.Name(), found))
	}
	for _, part := range c.Dependencies() {
		if err := s.closed(part); err != nil {
			return err
		}
	}
	return nil
}

// knownOf is what a chart knows, with its parts under the names that values have for them.
func knownOf(c *helm.Chart) (node, error) {
	root := nodeOf("", c.Values)
	if len(c.Schema) > 0 {
		var schema map[string]any
		if err := json.Unmarshal(c.Schema, &schema); err != nil {
			return root, fmt.Errorf("read the schema of %s: %w", c.Name(), err)
		}
		root.learn(schema, schema, 0)
	}
	root.keys["global"] = free()
	parts := map[string]*helm.Chart{}
	for _, part := range c.Dependencies() {
		parts[part.Name()] = part
	}
	names := maps.Clone(parts)
	for _, d := range c.Metadata.Dependencies {
		if d.Alias != "" && parts[d.Name] != nil {
			names[d.Alias] = parts[d.Name]
		}
		root.conditions(d)
	}
	for name, part := range names {
		below, err := knownOf(part)
		if err != nil {
			return root, err
		}
		root.keys[name] = below.with(root.keys[name])
	}
	return root, nil
}
