// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package harmony

import (
	"context"
	"slices"
	"sync"
)

// A Take takes something that one run at a time may have, such as the right to change a component. The run releases it
// at its end, also when it was cancelled: release is given a context that goes on, and bounds itself. Without a
// release and without an error it cannot be taken yet, and is asked for again before the next change.
// lost is to be called when it was taken away in the meantime: it cancels the run, with that error as the cause.
type Take func(ctx context.Context, lost func(error)) (release func(context.Context), err error)

// Hold has the run take what is kept under the key, once, and hold it to its end. A capability calls it
// before it changes anything. Where no run is under way nothing is taken.
func Hold(ctx context.Context, key any, take Take) error {
	h, ok := ctx.Value(holdsKey{}).(*holds)
	if !ok {
		return nil
	}
	return h.hold(ctx, key, take)
}

// Hold notes what the deploy takes, if this is the preflight of one, before its first change. A plan takes nothing.
func (d *Draft) Hold(key any, take Take) {
	d.run.mu.Lock()
	defer d.run.mu.Unlock()
	if !slices.ContainsFunc(d.run.holds, func(c claim) bool { return c.key == key }) {
		d.run.holds = append(d.run.holds, claim{key, take, d.path})
	}
}

// A claim is something to be held, and the placement that it is for.
type claim struct {
	key  any
	take Take
	path []string
}

type holdsKey struct{}

// holds are what one run has taken, and what it remembers.
type holds struct {
	lost   context.CancelCauseFunc
	memory sync.Map

	mu   sync.Mutex
	held map[any]*hold
}

type hold struct {
	mu      sync.Mutex
	release func(context.Context) // nil: not taken yet
}

func (h *holds) of(key any) *hold {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.held == nil {
		h.held = map[any]*hold{}
	}
	if h.held[key] == nil {
		h.held[key] = &hold{}
	}
	return h.held[key]
}

func (h *holds) hold(ctx context.Context, key any, take Take) (err error) {
	one := h.of(key)
	one.mu.Lock()
	defer one.mu.Unlock()
	if one.release == nil {
		one.release, err = take(ctx, h.lost)
	}
	return err
}

// end releases all that is held, side by side.
func (h *holds) end(ctx context.Context) {
	h.mu.Lock()
	defer h.mu.Unlock()
	var all sync.WaitGroup
	for _, one := range h.held {
		if one.release != nil {
			all.Go(func() { one.release(context.WithoutCancel(ctx)) })
		}
	}
	all.Wait()
}
