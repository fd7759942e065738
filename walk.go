// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package harmony

import (
	"context"
	"errors"
	"sync"
	"time"

	"nationtech.io/harmony/event"
)

// A walk is one run over the tree: each node in a goroutine of its own, that waits for those before it.
type walk struct {
	verb    verb
	limit   time.Duration
	book    *book
	results map[*node]*Result
	done    map[*node]chan struct{}
}

func (r Run) walk(ctx context.Context, v verb, ps []*Placement) (Report, error) {
	start := time.Now()
	report := Report{Verb: v.name, Started: start}
	roots, err := grow(ps)
	if err != nil {
		return report, err
	}
	w := &walk{verb: v, limit: r.Limit, book: &book{}, results: map[*node]*Result{}, done: map[*node]chan struct{}{}}
	if w.limit <= 0 {
		w.limit = v.limit
	}
	w.prepare(roots)
	ctx = event.Into(ctx, event.Tee(w.book, r.Events))
	event.Emit(ctx, event.RunStarted{Verb: v.name, Names: names(roots)})
	w.group(ctx, roots)
	failure := &Failure{Verb: v.name}
	w.gather(roots, &report, failure)
	if len(failure.Placements) > 0 {
		err = failure
	} else if ctx.Err() != nil {
		err = stopped(ctx)
	}
	report.Took = event.Seconds(time.Since(start))
	event.Emit(ctx, event.RunEnded{Verb: v.name, Took: report.Took, Err: err})
	return report, err
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
		event.Emit(ctx, event.PlacementEnded{Standing: string(r.Standing), Summary: r.Summary(), Took: r.Took, Err: r.Err})
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
		case <-ctx.Done():
		}
	}
	if ctx.Err() != nil {
		r.Standing, r.Because = Interrupted, "not started: the run was interrupted"
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
	if ctx.Err() != nil {
		r.Standing, r.Because = Interrupted, "not started: the run was interrupted"
		return false
	}
	run := ctx
	ctx, cancel := context.WithTimeout(run, w.limit)
	defer cancel()
	for _, s := range w.verb.steps {
		end := event.Begin(ctx, s.name)
		err := s.do(ctx, n, r)
		if err != nil {
			interrupted := run.Err() != nil && errors.Is(err, context.Canceled)
			err = explain(n.path, s.name, interrupted, err)
			r.Err = &PlacementError{Path: n.path, Step: s.name, Err: err}
			r.Standing = Failed
			if interrupted {
				r.Standing = Interrupted
			}
		}
		end(err)
		if err != nil {
			return false
		}
	}
	r.Standing = Done
	if w.verb.name == "deploy" && len(r.Changes) == 0 && w.unchanged(n.parts) || w.verb.name == "plan" && !r.plans() && w.unchanged(n.parts) {
		r.Standing = Unchanged
	}
	return true
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
