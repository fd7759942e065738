// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package harmony

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"

	"nationtech.io/harmony/diag"
)

// ErrAfterApply is what a capability returns in a plan for what can be known only after the apply, such as a
// connection to a server that may not stand yet. A Score lets it pass: the plan notes it and goes on with the others.
var ErrAfterApply = errors.New("known after apply")

// Plannable is a Topology that can be planned on.
type Plannable interface {
	// Planning gives a twin of the place that writes nothing: each of its capabilities reads what stands, notes in
	// the draft what it would do, and answers as if that had been done. What it cannot answer it puts off with
	// Draft.Later.
	Planning(*Draft) Topology
}

// A Draft takes what the plan of one placement finds. Its methods may be called side by side.
type Draft struct {
	path []string // of the placement
	run  *outlook
	kept *sync.Map // for all drafts of the run, or of a Comparable context
	cut  context.CancelCauseFunc

	mu      sync.Mutex
	planned []Planned
	later   []string
}

// Note adds what would be done with an object.
func (d *Draft) Note(all ...Planned) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.planned = append(d.planned, all...)
}

// Later notes what is known only after the apply, as "what Service/nats answers", and gives the error that says so.
// Whoever asks for the same again does not take that for an answer, and is waiting for another: then the context of
// the placement's plan ends, with the same error as its cause.
func (d *Draft) Later(what string) error {
	err := fmt.Errorf("%s: %w", what, ErrAfterApply)
	d.mu.Lock()
	defer d.mu.Unlock()
	if slices.Contains(d.later, what) {
		d.cut(err)
		return err
	}
	d.later = append(d.later, what)
	return err
}

// more notes what a Score itself says that it changes, besides what its capabilities have noted.
func (d *Draft) more(changes []Change) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, c := range changes {
		known := func(p Planned) bool { return p.Object == c.Object }
		if slices.ContainsFunc(d.planned, known) {
			continue
		}
		d.planned = append(d.planned, Planned{Intent: c.Action.Intent(), Object: c.Object, Detail: c.Detail})
	}
}

// First tells whether nothing in the whole run has claimed the key yet, and claims it: for what several placements
// would make, and the first of them makes.
func (d *Draft) First(key any) bool {
	_, taken := d.run.claimed.LoadOrStore(key, true)
	return !taken
}

// Share keeps a value for all placements of the run, and for all runs whose context is one of Comparable. It gives
// the one that is kept under the key.
func (d *Draft) Share(key, value any) any {
	kept, _ := d.kept.LoadOrStore(key, value)
	return kept
}

type keptKey struct{}

// Comparable is a context in which plans can be compared: what one of them has made up, as a credential that is not
// generated yet, the next takes for its own.
func Comparable(ctx context.Context) context.Context {
	return context.WithValue(ctx, keptKey{}, &sync.Map{})
}

func plannable(topology any) bool {
	_, ok := topology.(Plannable)
	return ok
}

// planned interprets the Score on the twin of its place.
func planned[C any](s Score[C], topology C) func(context.Context, *Draft) error {
	return func(ctx context.Context, d *Draft) error {
		place, ok := any(topology).(Plannable)
		if !ok {
			return diag.New(diag.LacksCapability).Saw(fmt.Sprintf("%T cannot be planned on", topology)).
				Try("give the topology a method Planning(*harmony.Draft) harmony.Topology")
		}
		twin := place.Planning(d)
		on, ok := twin.(C)
		if !ok {
			return diag.New(diag.LacksCapability).
				Saw("the plan of " + twin.Name() + " lacks: " + strings.Join(missing(reflect.TypeFor[C](), reflect.TypeOf(twin)), ", ")).
				Try(fmt.Sprintf("let the topology that %T.Planning gives have all capabilities of the place", topology))
		}
		outcome, err := s.Interpret(ctx, on)
		d.more(outcome.Changes)
		return without(err, errors.Is(context.Cause(ctx), ErrAfterApply))
	}
}

// without is what an error tells besides what is known after the apply; cut tells that the plan was ended for that.
func without(err error, cut bool) error {
	if !errors.Is(err, ErrAfterApply) && !cut {
		return err
	}
	var rest []error
	for _, d := range diag.All(err) {
		if !errors.Is(d, ErrAfterApply) && (!cut || !errors.Is(d, context.Canceled)) {
			rest = append(rest, d)
		}
	}
	return errors.Join(rest...)
}
