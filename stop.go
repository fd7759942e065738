// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package harmony

import (
	"context"
	"slices"
	"strings"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/event"
)

const notStarted = "not started: the run was interrupted"

// stopping tells whether the run starts nothing more.
func (w *walk) stopping(ctx context.Context) bool {
	select {
	case <-w.run.Stop:
		return true
	default:
		return ctx.Err() != nil
	}
}

// onStop calls then when the run is to stop. The function that it returns ends that.
func (w *walk) onStop(then func()) (off func()) {
	ended := make(chan struct{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		select {
		case <-w.run.Stop:
			then()
		case <-ended:
		}
	}()
	return func() { close(ended); <-done }
}

// heard tells listeners that the run starts nothing more, as soon as it is told to stop.
func (w *walk) heard(ctx context.Context) (off func()) {
	return w.onStop(func() { event.Emit(ctx, event.Stopping{}) })
}

// stopped is the error of a run that was interrupted where no placement tells of it: what stands and what does not.
func (w *walk) stopped(ctx context.Context, report Report) error {
	d := diag.New(diag.Interrupted)
	if ctx.Err() != nil {
		d = diag.Ended(ctx)
	}
	touched := false
	for _, r := range report.Placements {
		d.Saw(strings.Join(r.Path, " › ") + ": " + r.state())
		touched = touched || r.Standing != Interrupted || slices.ContainsFunc(r.Steps, func(s Step) bool { return s.Name != StepPreflight })
	}
	if w.verb.name == verbDeploy && !touched {
		return d.Note("nothing was changed")
	}
	return d.Note("what was done stands; what was not done was not started").Try("run the same again: it goes on from there")
}

// state is how a placement stands after an interruption, in words.
func (r Result) state() string {
	switch {
	case r.Because != "":
		return r.Because
	case r.Standing == Unchanged:
		return "stood already, and its smoke test passed"
	}
	return string(r.Standing)
}

func (w *walk) anyInterrupted() bool {
	for _, r := range w.results {
		if r.Standing == Interrupted {
			return true
		}
	}
	return false
}
