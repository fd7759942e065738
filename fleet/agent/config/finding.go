// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package config

import (
	"fmt"
	"strings"
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
	best, distance := "", 1+len(written)/3
	for _, name := range names {
		if d := edits(written, name); d <= distance && (best == "" || d < distance) {
			best, distance = name, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf(", did you mean %q?", best)
}

// edits counts the letters to insert, drop or replace to come from a to b.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
