// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package export

import (
	"encoding/base64"
	"strings"

	"nationtech.io/harmony/capability/kube"
)

// A text is one that has something in it which is no literal, or the data of a Secret.
type text struct {
	plain   string // as the first interpretation has it
	parts   []part
	encoded bool // in the object it is base64
}

// A part of a text: a literal, or what only whoever installs a chart knows.
type part struct {
	literal    string
	credential kube.Credential
	image      string
	digest     int // the number of digits
}

// made tells whether there is anything in it besides literals.
func (t *text) made() bool {
	for _, p := range t.parts {
		if p.literal == "" {
			return true
		}
	}
	return false
}

// written is the text as the first interpretation wrote it.
func (t *text) written() string {
	if t.encoded {
		return base64.StdEncoding.EncodeToString([]byte(t.plain))
	}
	return t.plain
}

// settled is content in which each text is what give makes of it.
func settled(content any, at string, give func(at string, t *text) any) any {
	switch c := content.(type) {
	case map[string]any:
		all := map[string]any{}
		for key, value := range c {
			all[key] = settled(value, strings.TrimPrefix(at+"."+key, "."), give)
		}
		return all
	case []any:
		all := make([]any, len(c))
		for i, value := range c {
			all[i] = settled(value, at, give)
		}
		return all
	case *text:
		return give(at, c)
	}
	return content
}
