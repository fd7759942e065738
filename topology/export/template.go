// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package export

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"sigs.k8s.io/yaml"
)

// template is an object as Helm renders it: literals as they are, and each text that is none as what computes it. Verbatim
// is for what Helm does not render.
func (x *drawing) template(o object, v *values, verbatim bool) ([]byte, error) {
	var actions []string
	content := settled(o.content, "", func(at string, t *text) any {
		actions = append(actions, x.action(o, at, t, v))
		return hole(len(actions) - 1)
	}).(map[string]any)
	if o.Data || o.IsDefinition() {
		content["metadata"] = kept(content["metadata"])
	}
	written, err := yaml.Marshal(content)
	if err != nil {
		return nil, unsayable(o, err)
	}
	if verbatim && len(actions) > 0 {
		return nil, unsayable(o, nil).Saw("something in it is computed, and Helm takes definitions as they are when there are objects of their kind")
	}
	if verbatim {
		return written, nil
	}
	rendered := literal(string(written))
	for i, action := range actions {
		rendered = strings.ReplaceAll(rendered, hole(i), action)
	}
	return []byte(rendered), nil
}

// hole stands in the YAML where an action is to stand: a word that needs no quotes and that no object has.
func hole(i int) string { return "harmony-hole-7f1c9b-" + strconv.Itoa(i) + "-" }

// kept is metadata with the annotation that keeps Helm from deleting the object.
func kept(metadata any) map[string]any {
	all, _ := metadata.(map[string]any)
	annotations, _ := all["annotations"].(map[string]any)
	if annotations == nil {
		annotations = map[string]any{}
	}
	annotations[keep] = "keep"
	all["annotations"] = annotations
	return all
}

// literal is text that a template gives as it is.
func literal(text string) string { return strings.ReplaceAll(text, "{{", `{{ "{{" }}`) }

// action computes a text. What it computes stands in JSON, which YAML takes for itself, so that nothing in a value can
// break out of its place.
func (x *drawing) action(o object, at string, t *text, v *values) string {
	if !t.made() && o.IsSecret() {
		return "{{ " + v.secret(o, strings.TrimPrefix(at, "data."), t.plain) + " | toJson }}"
	}
	var operands []string
	for _, p := range t.parts {
		operands = append(operands, x.operand(p, v))
	}
	expression := operands[0]
	if len(operands) > 1 {
		expression = "print " + strings.Join(operands, " ")
	}
	if t.encoded {
		expression += " | b64enc"
	}
	return "{{ " + expression + " | toJson }}"
}

func (x *drawing) operand(p part, v *values) string {
	switch {
	case p.literal != "":
		return constant(p.literal)
	case p.digest > 0:
		return fmt.Sprintf("(include %q $ | trunc %d)", x.name+".digest", p.digest)
	case p.image != "":
		return v.image(p.image)
	}
	return v.credential(p.credential)
}

// constant is a text in the language of templates; several lines stand as they are, so that they can be read.
func constant(text string) string {
	if strings.Contains(text, "\n") && !strings.ContainsAny(text, "`\r") && utf8.ValidString(text) {
		return "`" + text + "`"
	}
	return strconv.Quote(text)
}

// readable tells whether a value can stand in YAML as text; else it stands there as base64.
func readable(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' })
}

func encoded(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }
