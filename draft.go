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
	claimed *sync.Map // by any draft of the run
	kept    *sync.Map // for all drafts of the run
	cut     context.CancelCauseFunc

	mu      sync.Mutex
	planned []Planned
	later   []string
	madeUp  bool
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
	_, taken := d.claimed.LoadOrStore(key, true)
	return !taken
}

// Share keeps a value for all placements of the run. It gives the one that is kept under the key.
func (d *Draft) Share(key, value any) any {
	kept, _ := d.kept.LoadOrStore(key, value)
	return kept
}

// MadeUp notes that the twin answered with a value that the deploy will make another time, as a credential that is
// generated. The plan is then drawn up twice where that may show, and what differs is known after the apply.
func (d *Draft) MadeUp() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.madeUp = true
}

// shows tells whether a value that was made up may be among the fields.
func (d *Draft) shows() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.madeUp && slices.ContainsFunc(d.planned, func(p Planned) bool { return slices.ContainsFunc(p.Fields, Field.shown) })
}

// doubt takes from the fields what another draft of the same has otherwise.
func (d *Draft) doubt(other *Draft) {
	d.mu.Lock()
	defer d.mu.Unlock()
	after := map[[3]string]any{}
	for _, p := range other.planned {
		for _, f := range p.Fields {
			after[[3]string{p.Object, p.Namespace, f.Path}] = f.After
		}
	}
	for _, p := range d.planned {
		for i, f := range p.Fields {
			if again := after[[3]string{p.Object, p.Namespace, f.Path}]; f.shown() && !reflect.DeepEqual(again, f.After) {
				p.Fields[i].After, p.Fields[i].Later = nil, true
			}
		}
	}
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
