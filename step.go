// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package harmony

import (
	"context"
	"slices"
	"sync"
	"time"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/event"
)

// A verb is a way to go through the tree.
type verb struct {
	name       string
	limit      time.Duration // of each placement, when the Run gives none
	reverse    bool          // what waits for others goes first, composites before their parts
	unordered  bool          // nothing waits for anything
	regardless bool          // what failed is waited for, and stops nothing
	steps      []step        // of each placement
}

// A step is done on one placement; what it finds goes into the result.
type step struct {
	name string
	do   func(context.Context, *node, *Result) error
}

var interpret = step{StepInterpret, func(ctx context.Context, n *node, r *Result) error {
	outcome, err := n.placement.interpret(ctx)
	r.Changes = outcome.Changes
	return err
}}

var smokeTest = step{StepSmokeTest, func(ctx context.Context, n *node, _ *Result) error {
	return n.placement.smoke(ctx)
}}

// drawUp plans a placement, as one of a run.
func drawUp() step {
	claimed, kept := &sync.Map{}, &sync.Map{}
	return step{StepPlan, func(ctx context.Context, n *node, r *Result) error {
		d := &Draft{claimed: claimed, kept: kept}
		err := d.draw(ctx, n)
		if d.shows() && ctx.Err() == nil {
			again := &Draft{claimed: &sync.Map{}, kept: &sync.Map{}}
			_ = again.draw(event.Into(ctx, nil), n) // its errors are those of the first
			d.doubt(again)
		}
		d.mu.Lock()
		defer d.mu.Unlock()
		inOrder(d.planned)
		slices.Sort(d.later)
		r.Planned, r.Later = d.planned, d.later
		return err
	}}
}

// draw plans a placement in a context that the draft can end.
func (d *Draft) draw(ctx context.Context, n *node) error {
	ctx, d.cut = context.WithCancelCause(ctx)
	defer d.cut(nil)
	return n.placement.plan(ctx, d)
}

func remove(purge bool) step {
	return step{StepRemove, func(ctx context.Context, n *node, r *Result) error {
		p := n.placement
		if p.remove == nil && p.parts == nil {
			return diag.New(diag.NotRemovable).Saw(p.name + " has no Remove").
				Note("nothing of it was touched")
		}
		if p.remove == nil {
			return nil // a composite that is nothing but its parts
		}
		removed, err := p.remove(ctx, Removal{Purge: purge})
		r.Gone, r.Kept, r.Shared = removed.Gone, removed.Kept, removed.Shared
		return err
	}}
}
