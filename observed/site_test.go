// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package observed_test

import (
	"context"
	"slices"
	"sync"
	"time"

	"nationtech.io/harmony"
	"nationtech.io/harmony/event"
	"nationtech.io/harmony/wait"
)

// A site is a place whose only capability is to write down what is done on it.
type site struct {
	mu  sync.Mutex
	did []string
}

func (s *site) Journal() *site { return s }

func (s *site) note(what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.did = append(s.did, what)
}

// sorted is what was done, whatever ran side by side.
func (s *site) sorted() []string { return slices.Sorted(slices.Values(s.did)) }

type place interface{ Journal() *site }

// A part is a Score that notes what is asked of it, takes a while, and fails where told to.
type part struct {
	name                  string
	takes                 time.Duration
	breaks, smokes, stays error // of Interpret, SmokeTest and Remove
	changes               []harmony.Change
	within                func(context.Context) // what happens in each step
}

var changes = []harmony.Change{{Action: harmony.Created, Object: "Service/a"}, {Action: harmony.Updated, Object: "Pod/a"}}

func (p part) Name() string { return p.name }

func (p part) happen(ctx context.Context) {
	if p.within != nil {
		p.within(ctx)
	}
}

func (p part) Interpret(ctx context.Context, on place) (harmony.Outcome, error) {
	on.Journal().note("start " + p.name)
	p.happen(ctx)
	if err := wait.Sleep(ctx, p.takes); err != nil {
		return harmony.Outcome{}, err
	}
	on.Journal().note("end " + p.name)
	return harmony.Outcome{Changes: p.changes}, p.breaks
}

func (p part) SmokeTest(ctx context.Context, on place) error {
	on.Journal().note("smoke " + p.name)
	p.happen(ctx)
	event.Emit(ctx, event.Fact{Text: p.name + " answered"})
	return p.smokes
}

func (p part) Remove(ctx context.Context, on place, how harmony.Removal) (harmony.Removed, error) {
	on.Journal().note("remove " + p.name)
	p.happen(ctx)
	if how.Purge {
		return harmony.Removed{Gone: []string{p.name, "data of " + p.name}}, p.stays
	}
	return harmony.Removed{Gone: []string{p.name}, Kept: []string{"data of " + p.name}}, p.stays
}

// fixed is a part that cannot be removed.
type fixed struct{ of part }

func (f fixed) Name() string { return f.of.Name() }

func (f fixed) Interpret(ctx context.Context, on place) (harmony.Outcome, error) {
	return f.of.Interpret(ctx, on)
}

func (f fixed) SmokeTest(ctx context.Context, on place) error { return f.of.SmokeTest(ctx, on) }

// A whole is a composite with steps of its own; a group is one that is nothing but its parts.
type (
	whole struct {
		part
		parts []harmony.Score[place]
	}
	group struct {
		fixed
		parts []harmony.Score[place]
	}
)

func (w whole) Parts(on place) []*harmony.Placement { return placed(on, w.parts) }
func (g group) Parts(on place) []*harmony.Placement { return placed(on, g.parts) }

func placed(on place, scores []harmony.Score[place]) (ps []*harmony.Placement) {
	for _, s := range scores {
		ps = append(ps, harmony.Place(s).On(on))
	}
	return ps
}

// A loud Score is another wrapper, with no companion of its own.
type loud struct{ harmony.Score[place] }

func (l loud) Unwrap() harmony.Score[place] { return l.Score }

var (
	_ harmony.Remover[place]   = part{}
	_ harmony.Composite[place] = whole{}
	_ harmony.Composite[place] = group{}
	_ harmony.Wrapper[place]   = loud{}
)
