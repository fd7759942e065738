// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package harmony

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/event"
)

// A walk is one run over the tree: each node in a goroutine of its own, that waits for those before it.
type walk struct {
	verb    verb
	run     Run
	book    *book
	results map[*node]*Result
	done    map[*node]chan struct{}
}

func newWalk(v verb, r Run, roots []*node) *walk {
	w := &walk{verb: v, run: r, book: &book{}, results: map[*node]*Result{}, done: map[*node]chan struct{}{}}
	w.prepare(roots)
	return w
}

func (r Run) walk(ctx context.Context, v verb, ps []*Placement) (Report, error) {
	start := time.Now()
	report := Report{Verb: v.name, Started: start}
	roots, err := grow(ps)
	if err != nil {
		return report, err
	}
	w := newWalk(v, r, roots)
	ctx, lost := context.WithCancelCause(event.Into(ctx, event.Tee(w.book, r.Events)))
	defer lost(nil)
	event.Emit(ctx, event.RunStarted{Verb: v.name, Names: names(roots)})
	off := w.heard(ctx)
	held := &holds{lost: lost}
	failure := &Failure{Verb: v.name}
	if at := context.WithValue(ctx, holdsKey{}, held); v.name != verbDeploy || w.preflight(at, roots) {
		w.group(at, roots)
	} else {
		failure.Verb = StepPreflight
	}
	held.end(ctx)
	off()
	w.gather(roots, &report, failure)
	report.Took = event.Seconds(time.Since(start))
	err = w.verdict(ctx, report, failure)
	event.Emit(ctx, event.RunEnded{Verb: v.name, Took: report.Took, Err: err})
	return report, err
}

// verdict is the error of the whole run: what failed, and that it was interrupted unless that says so.
func (w *walk) verdict(ctx context.Context, report Report, failure *Failure) error {
	var err error
	told := false
	if len(failure.Placements) > 0 {
		err = failure
		told = slices.ContainsFunc(diag.All(failure), func(d *diag.Diagnostic) bool { return d.Code == diag.Interrupted })
	}
	if !told && (ctx.Err() != nil || w.anyInterrupted()) {
		err = errors.Join(err, w.stopped(ctx, report))
	}
	return err
}

func (w *walk) prepare(nodes []*node) {
	for _, n := range nodes {
		w.results[n] = &Result{Path: n.path}
		w.done[n] = make(chan struct{})
		w.prepare(n.parts)
	}
}

// group walks siblings side by side and tells the first that did not end well.
func (w *walk) group(ctx context.Context, nodes []*node) (bad *node) {
	var all sync.WaitGroup
	for _, n := range nodes {
		all.Go(func() {
			defer close(w.done[n])
			w.node(event.At(ctx, n.placement.name), n)
		})
	}
	all.Wait()
	return w.unwell(nodes)
}

func (w *walk) node(ctx context.Context, n *node) {
	r, start := w.results[n], time.Now()
	defer func() {
		r.Took = event.Seconds(time.Since(start))
		w.book.fill(r)
		if !w.verb.quiet {
			event.Emit(ctx, event.PlacementEnded{Standing: string(r.Standing), Summary: r.Summary(), Took: r.Took, Err: r.Err})
		}
	}()
	waits := n.after
	if w.verb.reverse {
		waits = n.before
	}
	if !w.verb.unordered && !w.await(ctx, waits, r) {
		w.leave(ctx, n.parts)
		return
	}
	start = time.Now()
	switch {
	case !w.verb.reverse:
		if w.parts(ctx, n) {
			w.own(ctx, n)
		}
	case w.own(ctx, n):
		w.parts(ctx, n)
	default:
		w.leave(ctx, n.parts)
	}
}

// leave notes of parts that they were not started, because what they are part of was not.
func (w *walk) leave(ctx context.Context, nodes []*node) {
	for _, n := range nodes {
		ctx, r := event.At(ctx, n.placement.name), w.results[n]
		r.Standing, r.Because = Skipped, "not started: the composite that it is part of was not"
		w.leave(ctx, n.parts)
		event.Emit(ctx, event.PlacementEnded{Standing: string(r.Standing), Summary: r.Summary()})
	}
}

// await returns true when all of nodes have ended well.
func (w *walk) await(ctx context.Context, nodes []*node, r *Result) bool {
	for _, n := range nodes {
		select {
		case <-w.done[n]:
		case <-w.run.Stop:
		case <-ctx.Done():
		}
	}
	if w.stopping(ctx) {
		r.Standing, r.Because = Interrupted, notStarted
		return false
	}
	if bad := w.unwell(nodes); bad != nil && !w.verb.regardless {
		r.Standing, r.Because = Skipped, "not started: it comes after "+bad.placement.name+", which "+verdict(w.results[bad])
		return false
	}
	return true
}

// parts walks what the node stands on and returns whether its own steps may follow.
func (w *walk) parts(ctx context.Context, n *node) bool {
	bad := w.group(ctx, n.parts)
	if bad == nil || w.verb.regardless {
		return true
	}
	r := w.results[n]
	r.Standing, r.Because = Skipped, "its part "+bad.placement.name+" "+verdict(w.results[bad])
	switch {
	case w.results[bad].Standing == Interrupted:
		r.Standing = Interrupted
	case w.verb.reverse: // its own step was done before
		r.Standing = Failed
	}
	return false
}

// own does the placement's own steps, within its limit.
func (w *walk) own(ctx context.Context, n *node) bool {
	r := w.results[n]
	run := ctx
	ctx, cancel := context.WithTimeout(run, w.within())
	defer cancel()
	for i, s := range w.verb.steps {
		if w.verb.applies != nil && !w.verb.applies(n) {
			break
		}
		if w.stopping(run) {
			r.Standing, r.Because = Interrupted, notStarted
			if i > 0 {
				r.Because = w.verb.steps[i-1].name + " is done, and " + s.name + " was " + notStarted
			}
			return false
		}
		end := event.Begin(ctx, s.name)
		err := s.do(ctx, n, r)
		if err != nil {
			err = w.fail(run, n, r, s.name, err)
		}
		end(err)
		if err != nil {
			return false
		}
	}
	r.Standing = Done
	if w.verb.name == verbDeploy && len(r.Changes) == 0 && w.unchanged(n.parts) || w.verb.name == verbPlan && !r.plans() && w.unchanged(n.parts) {
		r.Standing = Unchanged
	}
	return true
}

// fail notes that a step of a placement ended with an error, and explains it.
func (w *walk) fail(run context.Context, n *node, r *Result, step string, err error) error {
	var interruption error
	if run.Err() != nil && errors.Is(err, context.Canceled) {
		interruption = context.Cause(run)
	}
	err = explain(n.path, step, interruption, err)
	failed := &PlacementError{Path: n.path, Step: step, Err: err}
	r.Err, r.Standing = failed, Failed
	if interruption == nil && w.run.Failed != nil {
		w.run.Failed(run, failed)
	}
	if interruption != nil {
		r.Standing = Interrupted
	}
	return err
}

func (w *walk) unchanged(nodes []*node) bool {
	for _, n := range nodes {
		if w.results[n].Standing != Unchanged {
			return false
		}
	}
	return true
}

func (w *walk) unwell(nodes []*node) *node {
	for _, n := range nodes {
		if s := w.results[n].Standing; s != Done && s != Unchanged {
			return n
		}
	}
	return nil
}

func verdict(r *Result) string {
	if r.Standing == Skipped {
		return "was not started"
	}
	return "was not done: " + string(r.Standing)
}
