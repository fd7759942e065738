// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package diag

import (
	"fmt"
	"io"
	"strings"
)

// Style says how a Diagnostic is written as text. The zero value is plain UTF-8.
type Style struct {
	Color   bool   // ANSI colours: only for a terminal that wants them
	ASCII   bool   // for a locale that is not UTF-8
	Program string // names the program in "more: PROGRAM explain CODE"; left out when empty
}

const (
	red  = "\x1b[1;31m"
	blue = "\x1b[1;34m"
	bold = "\x1b[1m"
	off  = "\x1b[0m"
)

// Write writes the Diagnostic the way rustc does: what, where, evidence, why, help.
func (s Style) Write(w io.Writer, d *Diagnostic) error {
	var b strings.Builder
	rule := s.paint(blue, "   |")
	fmt.Fprintf(&b, "%s%s\n", s.paint(red, "error["+string(d.Code)+"]"), s.paint(bold, ": "+d.summary()))
	if len(d.Path) > 0 {
		fmt.Fprintf(&b, "  %s %s\n", s.paint(blue, "-->"), strings.Join(d.Path, s.separator()))
	}
	if lines := d.observations(); len(lines) > 0 {
		fmt.Fprintln(&b, rule)
		for _, line := range lines {
			fmt.Fprintf(&b, "%s %s\n", rule, line)
		}
	}
	fmt.Fprintln(&b, rule)
	for _, note := range d.Notes {
		s.remark(&b, "", note)
	}
	for _, help := range d.Help {
		s.remark(&b, "help: ", help)
	}
	if s.Program != "" && d.Code.Summary() != "" {
		s.remark(&b, "more: ", s.Program+" explain "+string(d.Code))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// observations are the evidence and, where it says something new, the cause; one string a line.
func (d *Diagnostic) observations() (lines []string) {
	cause := ""
	if d.Cause != nil {
		cause = d.Cause.Error()
	}
	for _, e := range d.Evidence {
		if strings.Contains(cause, e.Text) {
			continue // the cause says it, and more
		}
		at := ""
		if !e.At.IsZero() {
			at = e.At.Format("15:04:05") + "  "
		}
		for _, line := range strings.Split(strings.TrimRight(e.Text, "\n"), "\n") {
			lines = append(lines, at+line)
			at = strings.Repeat(" ", len(at))
		}
	}
	if cause == "" || strings.Contains(strings.Join(lines, "\n"), cause) {
		return lines
	}
	return append(lines, strings.Split(cause, "\n")...)
}

func (s Style) remark(b *strings.Builder, label, text string) {
	indent := strings.Repeat(" ", len(label))
	for i, line := range strings.Split(text, "\n") {
		if i == 0 {
			fmt.Fprintf(b, "   %s %s%s\n", s.paint(blue, "="), label, line)
		} else {
			fmt.Fprintf(b, "     %s%s\n", indent, line)
		}
	}
}

func (s Style) separator() string {
	if s.ASCII {
		return " > "
	}
	return " › "
}

func (s Style) paint(colour, text string) string {
	if !s.Color {
		return text
	}
	return colour + text + off
}
