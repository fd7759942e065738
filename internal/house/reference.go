// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package house

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"
)

// reference is the page about the kinds that these definitions define.
func reference(definitions []string) (string, error) {
	var b strings.Builder
	b.WriteString("# The kinds of Harmony Fleet\n\nThis page is generated from the Go types in [fleet/api/v1alpha1](../../fleet/api/v1alpha1):\n`" + regenerate + "`.\n")
	for _, text := range definitions {
		var d apiextensionsv1.CustomResourceDefinition
		if err := yaml.UnmarshalStrict([]byte(text), &d); err != nil {
			return "", fmt.Errorf("read a definition: %w", err)
		}
		for _, v := range d.Spec.Versions {
			kind(&b, d.Spec, v)
		}
	}
	return b.String(), nil
}

func kind(b *strings.Builder, d apiextensionsv1.CustomResourceDefinitionSpec, v apiextensionsv1.CustomResourceDefinitionVersion) {
	schema := v.Schema.OpenAPIV3Schema
	fmt.Fprintf(b, "\n## %s\n\n%s\n\n", d.Names.Kind, oneLine(schema.Description))
	fmt.Fprintf(b, "`%s/%s`, %s; `kubectl get %s.%s`", d.Group, v.Name, map[bool]string{true: "in a namespace", false: "one for the whole cluster"}[d.Scope == apiextensionsv1.NamespaceScoped], d.Names.Plural, d.Group)
	for _, short := range d.Names.ShortNames {
		fmt.Fprintf(b, ", short `%s`", short)
	}
	b.WriteString(".\n\n| field | type | what |\n|---|---|---|\n")
	for _, part := range []string{"spec", "status"} {
		if p, ok := schema.Properties[part]; ok {
			fields(b, part, p)
		}
	}
	for _, rule := range schema.XValidations {
		fmt.Fprintf(b, "\n%s.\n", upper(rule.Message))
	}
}

// fields writes a row for each field of an object, and for those within it. What Kubernetes itself defines is named only.
func fields(b *strings.Builder, path string, of apiextensionsv1.JSONSchemaProps) {
	for _, name := range slices.Sorted(maps.Keys(of.Properties)) {
		p, at := of.Properties[name], path+"."+name
		inner, typ := p, p.Type
		if p.Type == "array" && p.Items != nil && p.Items.Schema != nil {
			inner, at, typ = *p.Items.Schema, at+"[]", "list of "+p.Items.Schema.Type+"s"
		}
		notes := []string{oneLine(p.Description)}
		if slices.Contains(of.Required, name) {
			notes = append(notes, "Required.")
		}
		if p.Default != nil {
			notes = append(notes, "Default "+string(p.Default.Raw)+".")
		}
		for _, rule := range p.XValidations {
			notes = append(notes, upper(rule.Message)+".")
		}
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", at, typ, strings.ReplaceAll(strings.TrimSpace(strings.Join(notes, " ")), "|", "\\|"))
		if name != "conditions" && inner.Properties["matchLabels"].Type == "" {
			fields(b, at, inner)
		}
	}
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

func upper(text string) string { return strings.ToUpper(text[:1]) + text[1:] }
