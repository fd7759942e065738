// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package bad has many smoke tests that can pass without a look.
package bad

import (
	"context"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/kube"
)

type base struct{}

func (base) Name() string { return "score" }

func (base) Interpret(context.Context, kube.Place) (harmony.Outcome, error) {
	return harmony.Outcome{}, nil
}

var names []string

func look(ctx context.Context, on kube.Place) error {
	_, err := on.Kubernetes().Pods(ctx, "score", nil)
	return err
}

type asked struct{ base }

func (asked) SmokeTest(ctx context.Context, on kube.Place) error { // want "does not look at its place"
	_ = on.Kubernetes()
	return nil
}

type passesOn struct{ base }

func (s passesOn) SmokeTest(ctx context.Context, on kube.Place) error {
	if ctx.Err() != nil {
		return s.checked() // want "passes here without a look at its place"
	}
	return look(ctx, on)
}

func (passesOn) checked() error {
	if len(names) > 0 {
		return context.Canceled
	}
	return error(nil)
}

type blank struct{ base }

func (s blank) SmokeTest(ctx context.Context, _ kube.Place) error { // want "does not look at its place"
	return ctx.Err()
}

type unused struct{ base }

func (s unused) SmokeTest(ctx context.Context, on kube.Place) error { // want "does not look at its place"
	return ctx.Err()
}

type thrownAway struct{ base }

func (s thrownAway) SmokeTest(ctx context.Context, on kube.Place) error { // want "does not look at its place"
	_ = on
	return nil
}

type compared struct{ base }

func (s compared) SmokeTest(ctx context.Context, on kube.Place) error { // want "does not look at its place"
	if on == nil {
		return nil
	}
	return nil
}

type comparedFirst struct{ base }

func (s comparedFirst) SmokeTest(ctx context.Context, on kube.Place) error {
	if on == nil {
		return nil // want "passes here without a look at its place"
	}
	return look(ctx, on)
}

type parenthesised struct{ base }

func (s parenthesised) SmokeTest(ctx context.Context, on kube.Place) error {
	if ctx.Err() != nil {
		return error(nil) // want "passes here without a look at its place"
	}
	return look(ctx, on)
}

type byVariable struct{ base }

func (s byVariable) SmokeTest(ctx context.Context, on kube.Place) error {
	var err error
	if ctx.Err() != nil {
		return err // want "passes here without a look at its place"
	}
	return look(ctx, on)
}

type byName struct{ base }

func (s byName) SmokeTest(ctx context.Context, on kube.Place) (err error) {
	if ctx.Err() != nil {
		return // want "passes here without a look at its place"
	}
	return look(ctx, on)
}

type byDefault struct{ base }

func (s byDefault) SmokeTest(ctx context.Context, on kube.Place) error {
	switch ctx.Err() {
	case nil:
		return look(ctx, on)
	case context.Canceled:
		return ctx.Err()
	}
	return nil // want "passes here without a look at its place"
}

type never struct{ base }

func (s never) SmokeTest(ctx context.Context, on kube.Place) error {
	if false {
		_ = look(ctx, on)
	}
	return nil // want "passes here without a look at its place"
}

type maybeEmpty struct{ base }

func (s maybeEmpty) SmokeTest(ctx context.Context, on kube.Place) error {
	for range names {
		if err := look(ctx, on); err != nil {
			return err
		}
	}
	return nil // want "passes here without a look at its place"
}

type handsOver struct{ base }

func (s handsOver) SmokeTest(ctx context.Context, on kube.Place) error {
	return s.probe(ctx, on)
}

func (handsOver) probe(ctx context.Context, on kube.Place) error {
	if ctx.Err() != nil {
		return nil // want "passes here without a look at its place"
	}
	return look(ctx, on)
}

type toNobody struct{ base }

func (s toNobody) SmokeTest(ctx context.Context, on kube.Place) error { // want "does not look at its place"
	return ignore(ctx, on)
}

func ignore(ctx context.Context, on kube.Place) error { return nil }

type unasked struct{ base }

func (s unasked) SmokeTest(ctx context.Context, on kube.Place) error {
	probe := func() error { return nil }
	if probe() != nil {
		return look(ctx, on)
	}
	return nil // want "passes here without a look at its place"
}

type inherited struct{ helper }

type helper struct{ base }

func (helper) SmokeTest(_ context.Context, place kube.Place) error { return nil } // want "the smoke test of helper does not look at its place"

type generic[C kube.Place] struct{}

func (generic[C]) Name() string { return "generic" }

func (generic[C]) Interpret(context.Context, C) (harmony.Outcome, error) {
	return harmony.Outcome{}, nil
}

func (generic[C]) SmokeTest(ctx context.Context, on C) error { return nil } // want "the smoke test of generic does not look at its place"

type pointed struct{ base }

func (*pointed) SmokeTest(ctx context.Context, on kube.Place) error { return nil } // want "the smoke test of pointed does not look at its place"
