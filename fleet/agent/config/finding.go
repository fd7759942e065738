// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package config

import (
	"fmt"
	"strings"

	"nationtech.io/harmony/diag"
)

// A Finding is one thing that is wrong with a configuration.
type Finding struct {
	Line    int    // from 1; 0 when it belongs to no line
	Problem string // what is wrong, and what to do
}

// Error is a configuration that cannot be used, with everything that is wrong with it.
type Error struct {
	File     string
	Findings []Finding // in the order of their lines
	Cause    error     // why the file could not be read, if that is it
}

// Error gives one finding a line.
func (e *Error) Error() string {
	lines := make([]string, len(e.Findings))
	for i, f := range e.Findings {
		lines[i] = fmt.Sprintf("%s: %s", e.File, f.Problem)
		if f.Line > 0 {
			lines[i] = fmt.Sprintf("%s:%d: %s", e.File, f.Line, f.Problem)
		}
	}
	return strings.Join(lines, "\n")
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Cause }

// meant gives ", did you mean …?" when one of the names is near to what was written.
func meant(written string, names []string) string {
	near := diag.Near(written, names)
	if len(near) == 0 {
		return ""
	}
	return fmt.Sprintf(", did you mean %q?", near[0])
}
