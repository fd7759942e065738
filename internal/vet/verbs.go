// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package vet

import (
	"go/ast"
	"go/constant"
	"strings"
)

// verbs lists the verbs of a format for fmt, without "%%". plain is false where operands are not taken one by one.
func verbs(format string) (all []byte, plain bool) {
	plain = true
	for {
		_, rest, found := strings.Cut(format, "%")
		if !found {
			return all, plain
		}
		verb := strings.IndexFunc(rest, func(r rune) bool { return !strings.ContainsRune("+-# 0123456789.[]*", r) })
		if verb < 0 {
			return all, plain
		}
		plain = plain && !strings.ContainsAny(rest[:verb], "[*")
		if rest[verb] != '%' {
			all = append(all, rest[verb])
		}
		format = rest[verb+1:]
	}
}

// words is what a format says besides its verbs.
func words(format string) string {
	var said strings.Builder
	for {
		before, rest, found := strings.Cut(format, "%")
		said.WriteString(before)
		if !found {
			return said.String()
		}
		verb := strings.IndexFunc(rest, func(r rune) bool { return !strings.ContainsRune("+-# 0123456789.[]*", r) })
		if verb < 0 {
			return said.String()
		}
		format = rest[verb+1:]
	}
}

// constantText is the value of a constant string.
func (c *checker) constantText(e ast.Expr) (string, bool) {
	v := c.TypesInfo.Types[e].Value
	if v == nil || v.Kind() != constant.String {
		return "", false
	}
	return constant.StringVal(v), true
}
