// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package harmony

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/wait"
)

// Failure is the error of a run in which something failed: one PlacementError for
// each placement, in the order of the tree. diag.All lists its Diagnostics.
type Failure struct {
	Verb       string
	Placements []*PlacementError
}

// Error is all failures in one line each.
func (f *Failure) Error() string {
	lines := []string{fmt.Sprintf("%s: %d failed", f.Verb, len(f.Placements))}
	for _, p := range f.Placements {
		lines = append(lines, p.Error())
	}
	return strings.Join(lines, "\n")
}

// Unwrap gives the failures of the placements.
func (f *Failure) Unwrap() []error {
	errs := make([]error, len(f.Placements))
	for i, p := range f.Placements {
		errs[i] = p
	}
	return errs
}

// Smoke tells whether all that failed were smoke tests: the components stand, but do not work.
func (f *Failure) Smoke() bool {
	for _, p := range f.Placements {
		if p.Step != StepSmokeTest {
			return false
		}
	}
	return len(f.Placements) > 0
}

// Preflight tells that nothing was changed: all that failed was found before the first change, or by a plan.
func (f *Failure) Preflight() bool { return f.Verb == StepPreflight || f.Verb == verbPlan }

// PlacementError is the failure of one step of one placement.
type PlacementError struct {
	Path []string
	Step string
	Err  error // Diagnostics below Path
}

// Error names the place, the step and the cause.
func (e *PlacementError) Error() string {
	return strings.Join(e.Path, " › ") + ": " + e.Step + ": " + e.Err.Error()
}

// Unwrap gives the cause.
func (e *PlacementError) Unwrap() error { return e.Err }

// explain makes Diagnostics below path of whatever a step returned. When the run was interrupted, what ended
// for that reason says so and not what the step made of it: that nobody answered is no finding then. interruption is why.
func explain(path []string, step string, interruption, err error) error {
	var all []error
	for _, d := range Explain(step, err) {
		if interruption != nil && d.Code != diag.Interrupted && errors.Is(d, context.Canceled) {
			cause := d.Cause
			if !errors.Is(cause, interruption) {
				cause = errors.Join(interruption, cause)
			}
			d = diag.New(diag.Interrupted).Because(cause).Note("what was applied stands; run the same again to go on")
		}
		all = append(all, d.Under(path...))
	}
	return errors.Join(all...)
}

// Explain lists the Diagnostics of whatever a step returned, as a Report has them: an error without one
// is given the code that its step and its kind tell.
func Explain(step string, err error) []*diag.Diagnostic {
	all := diag.All(err)
	for i, d := range all {
		if d.Code == diag.Unexplained {
			all[i] = unexplained(step, d.Cause)
		}
	}
	return all
}

func unexplained(step string, err error) *diag.Diagnostic {
	code := diag.Unexplained
	var gave *wait.GaveUp
	waited := errors.As(err, &gave)
	switch {
	case step == StepSmokeTest:
		code = diag.SmokeTestFailed
	case waited:
		code = diag.LimitReached
	}
	d := diag.New(code).Because(err)
	if waited && gave.Saw != "" {
		d.Evidence = append(d.Evidence, diag.Evidence{At: gave.Since, Text: gave.Saw})
	}
	return d
}
