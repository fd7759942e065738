// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package guards has guards of many kinds.
package guards

import (
	"context"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/image"
	"nationtech.io/harmony/capability/kube"
)

// Place is any.
type Place = kube.Place

type base struct{}

func (base) Name() string { return "x" }
func (base) Interpret(context.Context, Place) (harmony.Outcome, error) {
	return harmony.Outcome{}, nil
}
func (base) SmokeTest(_ context.Context, on Place) error { _ = on; return nil }

// A remover has Remove and no more, so it is no Score.
type remover struct{}

func (remover) Remove(context.Context, kube.Place, harmony.Removal) (harmony.Removed, error) {
	return harmony.Removed{}, nil
}

var (
	_    harmony.Remover[Place]   = value{}
	_    harmony.Remover[Place]   = (*pointer)(nil)
	_    harmony.Remover[Place]   = new(made)
	_    harmony.Remover[Place]   = &address{}
	_, _ harmony.Remover[Place]   = two{}, value{}
	_    harmony.Composite[Place] = two{}
	_    harmony.Remover[Place]   = aliased{}
	_    harmony.Remover[Place]   = lifted{}
)

type value struct{ base }

func (value) Remove(context.Context, Place, harmony.Removal) (harmony.Removed, error) {
	return harmony.Removed{}, nil
}

type pointer struct{ base }

func (*pointer) Name() string { return "pointer" }
func (*pointer) Interpret(context.Context, Place) (harmony.Outcome, error) {
	return harmony.Outcome{}, nil
}
func (*pointer) Remove(context.Context, Place, harmony.Removal) (harmony.Removed, error) {
	return harmony.Removed{}, nil
}

type made struct{ base }

func (made) Remove(context.Context, Place, harmony.Removal) (harmony.Removed, error) {
	return harmony.Removed{}, nil
}

type address struct{ base }

func (address) Remove(context.Context, Place, harmony.Removal) (harmony.Removed, error) {
	return harmony.Removed{}, nil
}

type two struct{ base }

func (two) Remove(context.Context, Place, harmony.Removal) (harmony.Removed, error) {
	return harmony.Removed{}, nil
}
func (two) Parts(Place) []*harmony.Placement { return nil }

type aliased = behind

type behind struct{ base }

func (behind) Remove(context.Context, Place, harmony.Removal) (harmony.Removed, error) {
	return harmony.Removed{}, nil
}

// What comes with another Score is guarded there.
type promoted struct{ value }

// What comes from a helper is the Score's own.
type lifted struct {
	base
	remover
}

type unguarded struct { // the method is of remover
	base
	helper
}

type helper struct{}

func (helper) Remove(context.Context, Place, harmony.Removal) (harmony.Removed, error) { // want "unguarded.Remove has no guard"
	return harmony.Removed{}, nil
}

// Files and the like may have Remove: they are no Scores.
type file struct{}

func (file) Remove() error { return nil }

type mixed struct{ base }

func (*mixed) Remove(context.Context, Place, harmony.Removal) (harmony.Removed, error) { // want "mixed is a Score and \\*mixed alone is a harmony.Remover"
	return harmony.Removed{}, nil
}

var _ harmony.Remover[Place] = &mixed{}

// Both is what elsewhere's Remove asks for.
type Both interface {
	kube.Place
	image.Place
}

type elsewhere struct{ base }

func (elsewhere) Remove(context.Context, Both, harmony.Removal) (harmony.Removed, error) { // want "elsewhere.Remove is not the method of harmony.Remover"
	return harmony.Removed{}, nil
}

var _ harmony.Remover[Both] = elsewhere{}

// A component is all that is asked of one.
type component interface {
	harmony.Score[Place]
	harmony.Remover[Place]
}

var _ component = together{}

type together struct{ base }

func (together) Remove(context.Context, Place, harmony.Removal) (harmony.Removed, error) {
	return harmony.Removed{}, nil
}

var _ = harmony.Composite[Place](converted{})

type converted struct{ base }

func (converted) Parts(Place) []*harmony.Placement { return nil }

type tested struct{ base }

func (tested) Remove(context.Context, Place, harmony.Removal) (harmony.Removed, error) { // want "tested.Remove has no guard"
	return harmony.Removed{}, nil
}
