// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package wraps has Scores that hold others.
package wraps

import (
	"context"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/image"
	"nationtech.io/harmony/capability/kube"
)

type hidden[C any] struct{ harmony.Score[C] } // want "hidden\\[C\\] holds a Score in its field Score"

type found[C any] struct{ harmony.Score[C] }

func (f found[D]) Unwrap() harmony.Score[D] { return f.Score }

type byPointer[C any] struct{ harmony.Score[C] } // want "byPointer\\[C\\] holds a Score"

func (f *byPointer[D]) Unwrap() harmony.Score[D] { return f.Score }

type removable[C any] struct{ harmony.Score[C] }

func (r removable[C]) Unwrap() harmony.Score[C] { return r.Score }

func (removable[C]) Remove(context.Context, C, harmony.Removal) (harmony.Removed, error) {
	return harmony.Removed{}, nil
}

var _ harmony.Remover[kube.Place] = removable[kube.Place]{}

type unproved[C any] struct{ found[C] }

func (unproved[C]) Remove(context.Context, C, harmony.Removal) (harmony.Removed, error) { // want "unproved\\[C\\].Remove has no guard"
	return harmony.Removed{}, nil
}

type byParam[S harmony.Score[kube.Place]] struct{ inner S } // want "byParam\\[S\\] holds a Score in its field inner"

func (byParam[S]) Name() string { return "byParam" }

func (b byParam[S]) Interpret(ctx context.Context, on kube.Place) (harmony.Outcome, error) {
	return b.inner.Interpret(ctx, on)
}

func (b byParam[S]) SmokeTest(ctx context.Context, on kube.Place) error {
	return b.inner.SmokeTest(ctx, on)
}

// Another is a Score that can do more.
type Another interface {
	harmony.Score[kube.Place]
	Extra()
}

type named struct { // a field by another name and type
	inner Another
}

func (named) Name() string { return "named" }

func (n *named) Interpret(ctx context.Context, on kube.Place) (harmony.Outcome, error) {
	return n.inner.Interpret(ctx, on)
}

func (n *named) SmokeTest(ctx context.Context, on kube.Place) error {
	return n.inner.SmokeTest(ctx, on)
}

func (n *named) Unwrap() harmony.Score[kube.Place] { return n.inner }

type wrong struct{ Another } // want "wrong holds a Score in its field Another"

func (w wrong) Unwrap() Another { return w.Another }

// A composite holds its parts.
type whole struct {
	server harmony.Score[kube.Place]
}

var (
	_ harmony.Score[kube.Place]     = whole{}
	_ harmony.Composite[kube.Place] = whole{}
)

func (whole) Name() string { return "whole" }

func (whole) Interpret(context.Context, kube.Place) (harmony.Outcome, error) {
	return harmony.Outcome{}, nil
}

func (w whole) SmokeTest(ctx context.Context, on kube.Place) error {
	return w.server.SmokeTest(ctx, on)
}

func (w whole) Parts(on kube.Place) []*harmony.Placement {
	return []*harmony.Placement{harmony.Place(w.server).On(on)}
}

// An adapter is for another place than what it holds, so it cannot give that out.
type adapter struct{ inner harmony.Score[kube.Place] }

// Both is more than a Kubernetes.
type Both interface {
	kube.Place
	image.Place
}

func (adapter) Name() string { return "adapter" }

func (a adapter) Interpret(ctx context.Context, on Both) (harmony.Outcome, error) {
	return a.inner.Interpret(ctx, on)
}

func (a adapter) SmokeTest(ctx context.Context, on Both) error { return a.inner.SmokeTest(ctx, on) }

// A list of Scores is no Score.
type list struct {
	all []harmony.Score[kube.Place]
	one harmony.Score[kube.Place]
}
