// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"nationtech.io/harmony"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/event"
)

// report writes the result of a run: to standard output as a block or as JSON, failures as Diagnostics to standard error.
func (s *session) report(report harmony.Report, err error) error {
	if s.common.output == "json" {
		return s.json(report, err)
	}
	for _, r := range report.Placements {
		s.line(r, gone(report))
	}
	if len(report.Placements) > 0 {
		fmt.Fprintln(s.streams.Out, conclusion(report, err))
	}
	return nil
}

// json writes a report to standard output.
func (s *session) json(report harmony.Report, err error) error {
	return writeJSON(s.streams.Out, s.whole(report, err))
}

// A whole is a report with what is known beside it.
type whole struct {
	harmony.Report
	Target string             `json:"target"`
	Errors []*diag.Diagnostic `json:"errors"`
}

func (s *session) whole(report harmony.Report, err error) whole {
	w := whole{Report: report, Errors: append([]*diag.Diagnostic{}, diagnostics(err)...)}
	if s.place != nil {
		w.Target = s.place.Target()
	}
	return w
}

// line is one placement: mark, name, what was done or proved, and how long it took.
func (s *session) line(r harmony.Result, gone map[string]bool) {
	indent := strings.Repeat("  ", len(r.Path))
	name := fmt.Sprintf("%s%s %s", indent, event.Mark(string(r.Standing), s.look.ascii), r.Path[len(r.Path)-1])
	fmt.Fprintf(s.streams.Out, "%-18s %-66s %8s\n", name, r.Summary(), event.Human(time.Duration(r.Took)))
	for _, c := range r.Changes {
		if c.Action == harmony.Repaired || c.Action == harmony.Deleted {
			fmt.Fprintf(s.streams.Out, "%s  %s %s\n", indent, c.Action, strings.TrimSuffix(c.Object+": "+c.Detail, ": "))
		}
	}
	for _, kept := range r.Kept {
		fmt.Fprintf(s.streams.Out, "%s  kept %s\n", indent, kept)
	}
	for _, shared := range r.Shared {
		if object, _, _ := strings.Cut(shared, " "); !gone[object] {
			fmt.Fprintf(s.streams.Out, "%s  left %s\n", indent, shared)
		}
	}
}

// gone are the objects that any placement of the run took away: what one left to others, a later one may have removed.
func gone(report harmony.Report) map[string]bool {
	all := map[string]bool{}
	for _, r := range report.Placements {
		for _, object := range r.Gone {
			all[object] = true
		}
	}
	return all
}

func conclusion(r harmony.Report, err error) string {
	took := event.Human(time.Duration(r.Took))
	done, failed, kept := 0, 0, 0
	for _, p := range r.Placements {
		kept += len(p.Kept)
		switch p.Standing {
		case harmony.Done, harmony.Unchanged:
			done++
		default:
			failed++
		}
	}
	var failure *harmony.Failure
	switch {
	case errors.As(err, &failure) && failure.Preflight():
		return fmt.Sprintf("%s: nothing was changed: the preflight found a problem with %d of %d, in %s", r.Verb, len(failure.Placements), failed, took)
	case failed > 0:
		return fmt.Sprintf("%s: %d of %d done, in %s; what was applied stands as it is", r.Verb, done, done+failed, took)
	case r.Verb == "remove" && kept > 0:
		return fmt.Sprintf("%d removed in %s; data was kept, --purge deletes it too", done, took)
	case r.Verb == "remove":
		return fmt.Sprintf("%d removed in %s", done, took)
	case r.Verb == "verify":
		return fmt.Sprintf("%d verified, smoke tests passed, in %s", done, took)
	case !r.Changed():
		return fmt.Sprintf("%d as wanted, nothing to change, smoke tests passed, in %s", done, took)
	}
	return fmt.Sprintf("%d deployed, smoke tests passed, in %s", done, took)
}

// show writes an error's Diagnostics.
func show(w io.Writer, program string, err error) {
	l := lookOf(w)
	style := diag.Style{Color: l.color, ASCII: l.ascii, Program: program}
	for _, d := range diagnostics(err) {
		// Nothing is left to tell when the terminal itself cannot be written to.
		_ = style.Write(w, d)
		fmt.Fprintln(w)
	}
}

func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
