// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package errors is the pages of Harmony's error codes, one HRMnnnn.md a code: what
// it means, how it comes about, a minimal reproduction, and the fix.
package errors

import (
	"embed"
	"strings"
)

//go:embed HRM*.md
var files embed.FS

// Page gives the page of a code, in Markdown. Comments are for tests, and are left out.
func Page(code string) (text string, ok bool) {
	page, err := files.ReadFile(code + ".md")
	var shown strings.Builder
	for line := range strings.Lines(string(page)) {
		if !strings.HasPrefix(line, "<!-- ") {
			shown.WriteString(line)
		}
	}
	return shown.String(), err == nil
}
