// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package diag

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"
)

// A Diagnostic is an error that a person can act on.
type Diagnostic struct {
	Code     Code       // stable; has a page in docs/errors
	Summary  string     // constant text without names, so that people learn to recognise it; the code's own when empty
	Path     []string   // composite, component, object, container; outermost first
	Evidence []Evidence // what was observed
	Notes    []string   // why that ends the work
	Help     []string   // what to do next; a command stands alone on its line
	Cause    error      // the chain below
}

// Evidence is one observation: when (zero when it does not matter) and what was seen.
type Evidence struct {
	At   time.Time
	Text string
}

// New makes a Diagnostic with the code's own summary.
func New(code Code, path ...string) *Diagnostic {
	return &Diagnostic{Code: code, Summary: code.Summary(), Path: path}
}

// Saw adds an observation without a time and returns d.
func (d *Diagnostic) Saw(text string) *Diagnostic {
	d.Evidence = append(d.Evidence, Evidence{Text: text})
	return d
}

// Note adds a line that says why this ends the work and returns d.
func (d *Diagnostic) Note(text string) *Diagnostic {
	d.Notes = append(d.Notes, text)
	return d
}

// Try adds something to do next and returns d.
func (d *Diagnostic) Try(help ...string) *Diagnostic {
	d.Help = append(d.Help, help...)
	return d
}

// Because sets the cause and returns d.
func (d *Diagnostic) Because(cause error) *Diagnostic {
	d.Cause = cause
	return d
}

// Under returns a copy of d that is placed below path.
func (d *Diagnostic) Under(path ...string) *Diagnostic {
	c := *d
	c.Path = append(slices.Clone(path), d.Path...)
	return &c
}

// Error is the whole in one line: code, summary, path and the first observation or cause.
func (d *Diagnostic) Error() string {
	text := string(d.Code) + ": " + d.summary()
	if len(d.Path) > 0 {
		text += " (" + strings.Join(d.Path, " › ") + ")"
	}
	switch {
	case len(d.Evidence) > 0:
		text += ": " + d.Evidence[0].Text
	case d.Cause != nil:
		text += ": " + d.Cause.Error()
	}
	return text
}

// Unwrap gives the cause.
func (d *Diagnostic) Unwrap() error { return d.Cause }

func (d *Diagnostic) summary() string {
	if d.Summary != "" {
		return d.Summary
	}
	return d.Code.Summary()
}

type wireEvidence struct {
	At   *time.Time `json:"at,omitempty"`
	Text string     `json:"text"`
}

// MarshalJSON gives code, summary, path, evidence, notes, help and the cause's text.
func (d *Diagnostic) MarshalJSON() ([]byte, error) {
	wire := struct {
		Code     Code           `json:"code"`
		Summary  string         `json:"summary"`
		Path     []string       `json:"path,omitempty"`
		Evidence []wireEvidence `json:"evidence,omitempty"`
		Notes    []string       `json:"notes,omitempty"`
		Help     []string       `json:"help,omitempty"`
		Cause    string         `json:"cause,omitempty"`
	}{Code: d.Code, Summary: d.summary(), Path: d.Path, Notes: d.Notes, Help: d.Help}
	for _, e := range d.Evidence {
		w := wireEvidence{Text: e.Text}
		if !e.At.IsZero() {
			w.At = &e.At
		}
		wire.Evidence = append(wire.Evidence, w)
	}
	if d.Cause != nil {
		wire.Cause = d.Cause.Error()
	}
	return json.Marshal(wire)
}

// All lists the Diagnostics in err's tree, sorted by path. An error that has
// none of its own is given the code Unexplained, so that nothing is swallowed.
func All(err error) []*Diagnostic {
	found := collect(err)
	slices.SortStableFunc(found, func(a, b *Diagnostic) int {
		return strings.Compare(strings.Join(a.Path, "\x00"), strings.Join(b.Path, "\x00"))
	})
	return found
}

func collect(err error) []*Diagnostic {
	if err == nil {
		return nil
	}
	if d, ok := err.(*Diagnostic); ok { //nolint:errorlint // this walks the tree itself, to find all of them
		return []*Diagnostic{d}
	}
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		var found []*Diagnostic
		for _, e := range many.Unwrap() {
			found = append(found, collect(e)...)
		}
		return found
	}
	var d *Diagnostic
	if errors.As(err, &d) {
		return []*Diagnostic{d}
	}
	return []*Diagnostic{New(Unexplained).Because(err)}
}
