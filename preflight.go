// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package harmony

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"nationtech.io/harmony/event"
)

const notPreflown = "not started: the preflight found a problem, and nothing was changed"

// preflight plans every placement whose place can be planned on, then takes what the run must hold, and tells whether
// the deploy may begin. When it may not, the results say why.
func (w *walk) preflight(ctx context.Context, roots []*node) bool {
	run := ctx
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer w.onStop(cancel)()
	shared := &outlook{}
	check := drawUp(StepPreflight, shared)
	before := newWalk(verb{
		name: StepPreflight, limit: defaultPlanLimit, regardless: true, quiet: true, steps: []step{check},
		applies: func(n *node) bool { return n.placement.plannable },
	}, w.run, roots)
	before.group(ctx, roots)
	if before.sound(roots) {
		before.take(ctx, shared.holds)
	}
	if before.sound(roots) && !w.stopping(run) {
		return true
	}
	w.refuse(run, before, roots)
	return false
}

// take takes what the run must hold; what it does not get is a finding of the placement.
func (w *walk) take(ctx context.Context, claims []claim) {
	errs := make([]error, len(claims))
	var all sync.WaitGroup
	for i, c := range claims {
		all.Go(func() { errs[i] = Hold(under(ctx, c.path), c.key, c.take) })
	}
	all.Wait()
	for n, r := range w.results {
		var own []error
		for i, c := range claims {
			if errs[i] != nil && slices.Equal(c.path, n.path) {
				own = append(own, errs[i])
			}
		}
		if err := errors.Join(own...); err != nil {
			_ = w.fail(ctx, n, r, StepPreflight, err)
		}
	}
}

// under is a context whose events happen at the path.
func under(ctx context.Context, path []string) context.Context {
	for _, name := range path {
		ctx = event.At(ctx, name)
	}
	return ctx
}

// sound tells whether nothing was found.
func (w *walk) sound(nodes []*node) bool {
	for _, n := range nodes {
		if w.results[n].Err != nil || !w.sound(n.parts) {
			return false
		}
	}
	return true
}

// refuse puts the findings of the preflight into the results, and tells how the placements ended.
func (w *walk) refuse(ctx context.Context, before *walk, nodes []*node) {
	for _, n := range nodes {
		r := w.results[n]
		at := event.At(ctx, n.placement.name)
		switch found := before.results[n]; {
		case w.stopping(ctx):
			r.Standing, r.Because = Interrupted, notStarted
		case found.Err != nil:
			r.Standing, r.Err, r.Took = Failed, found.Err, found.Took
		default:
			r.Standing, r.Because = Skipped, notPreflown
		}
		w.refuse(at, before, n.parts)
		w.book.fill(r)
		event.Emit(at, event.PlacementEnded{Standing: string(r.Standing), Summary: r.Summary(), Took: r.Took, Err: r.Err})
	}
}

// within bounds a step of the walk.
func (w *walk) within() time.Duration {
	if w.run.Limit > 0 {
		return w.run.Limit
	}
	return w.verb.limit
}
