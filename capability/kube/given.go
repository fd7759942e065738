// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import "k8s.io/apimachinery/pkg/runtime"

// given is an object as a Score gives it to Apply, with what the Score says of it besides.
type given struct {
	Object
	judge func(Object) Readiness // nil: by the rule of its kind
	turn  int
	again bool // another may be made in its place without being asked for
}

// DeepCopyObject copies the object and keeps what is said of it.
func (g given) DeepCopyObject() runtime.Object {
	o, ok := g.Object.DeepCopyObject().(Object)
	if !ok {
		return g.Object.DeepCopyObject()
	}
	g.Object = o
	return g
}

// plainly gives the object itself, and what is said of it.
func plainly(o Object) given {
	if g, ok := o.(given); ok {
		return g
	}
	return given{Object: o}
}

// InTurn gives an object to Apply whose turn it is only when everything of an earlier turn is ready. The turn of an object
// is 0 when nothing is said; within a turn the order is that of the kinds.
func InTurn(o Object, turn int) Object {
	g := plainly(o)
	g.turn = turn
	return g
}

// RunAgain gives a Job to Apply that is run again whenever it is wanted otherwise than it stands: another is made in
// its place, as with --replace.
func RunAgain(job Object) Object {
	g := plainly(job)
	g.again = true
	return g
}
