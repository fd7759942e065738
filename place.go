// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package harmony

import (
	"context"
	"reflect"
	"strings"

	"nationtech.io/harmony/diag"
)

// A Topology is a place where Scores can run: a struct with one method for each capability that it has.
type Topology interface {
	// Name is what a person calls the place: local, kubernetes.
	Name() string
}

// An Offer is a Score whose place is not chosen yet: what a command line lists and places by name.
type Offer interface {
	Name() string
	// Needs names the capabilities that a place must have, sorted.
	Needs() []string
	// Fits tells whether a topology of that type has them, without making one.
	Fits(topology reflect.Type) bool
	// OnAny is the run-time twin of Unplaced.On. Its error is a Diagnostic that names what is missing.
	OnAny(topology Topology) (*Placement, error)
}

// Unplaced is a Score whose place is not chosen yet.
type Unplaced[C any] struct{ score Score[C] }

var _ Offer = Unplaced[any]{}

// Place begins a placement. C is inferred from the Score alone; On then checks it.
func Place[C any](s Score[C]) Unplaced[C] { return Unplaced[C]{s} }

// Name is the Score's name.
func (u Unplaced[C]) Name() string { return u.score.Name() }

// Needs names the capabilities that the Score asks for.
func (u Unplaced[C]) Needs() []string { return methods(reflect.TypeFor[C]()) }

// Fits tells whether a topology of that type has what the Score needs.
func (u Unplaced[C]) Fits(topology reflect.Type) bool {
	return topology.Implements(reflect.TypeFor[C]())
}

// OnAny places the Score on a topology that was chosen at run time.
func (u Unplaced[C]) OnAny(topology Topology) (*Placement, error) {
	on, ok := topology.(C)
	if !ok {
		return nil, diag.New(diag.LacksCapability, u.Name()).
			Saw(topology.Name() + " lacks: " + strings.Join(missing(reflect.TypeFor[C](), reflect.TypeOf(topology)), ", ")).
			Saw(u.Name() + " needs: " + strings.Join(u.Needs(), ", ")).
			Try("choose another topology; the command list shows which can host " + u.Name())
	}
	return u.On(on), nil
}

// On places the Score. It is a plain interface assignment: a topology that lacks a
// capability does not compile, and the compiler names the missing method.
func (u Unplaced[C]) On(topology C) *Placement {
	s := u.score
	p := &Placement{
		name:      s.Name(),
		topology:  topology,
		interpret: func(ctx context.Context) (Outcome, error) { return s.Interpret(ctx, topology) },
		plan:      planned(s, topology),
		plannable: plannable(topology),
		smoke:     func(ctx context.Context) error { return s.SmokeTest(ctx, topology) },
	}
	if c, ok := Companion[Composite[C]](s); ok {
		p.parts = func() []*Placement { return c.Parts(topology) }
	}
	if r, ok := Companion[Remover[C]](s); ok {
		p.remove = func(ctx context.Context, how Removal) (Removed, error) { return r.Remove(ctx, topology, how) }
	}
	return p
}

// A Placement is a Score on its place.
type Placement struct {
	name      string
	topology  any
	after     []*Placement
	interpret func(context.Context) (Outcome, error)
	plan      func(context.Context, *Draft) error
	plannable bool // its place is Plannable
	smoke     func(context.Context) error
	parts     func() []*Placement // nil: a component
	remove    func(context.Context, Removal) (Removed, error)
}

// Name is the Score's name.
func (p *Placement) Name() string { return p.name }

// Topology is the place that On was given, as it was given, for what looks at placements from outside: tests
// that break a component and see what its Score makes of that.
func (p *Placement) Topology() any { return p.topology }

// After makes p begin only when all of ps have passed their smoke tests. It orders
// what is in the same call, or parts of the same composite, and pulls nothing in.
func (p *Placement) After(ps ...*Placement) *Placement {
	p.after = append(p.after, ps...)
	return p
}

func methods(t reflect.Type) (names []string) {
	for i := range t.NumMethod() {
		names = append(names, t.Method(i).Name)
	}
	return names
}

func missing(need, have reflect.Type) (names []string) {
	for _, name := range methods(need) {
		if _, ok := have.MethodByName(name); !ok {
			names = append(names, name)
		}
	}
	return names
}
