// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package observed

import (
	"context"

	"nationtech.io/harmony"
)

// Score is a Score that does what inner does, and tells by of each step. It can be removed where
// inner can, and has its parts. By the zero Observer it is inner itself.
func Score[C any](inner harmony.Score[C], by Observer) harmony.Score[C] {
	if by.tracer == nil {
		return inner
	}
	s := score[C]{inner, by}
	if r, ok := harmony.Companion[harmony.Remover[C]](inner); ok {
		return removable[C]{s, r}
	}
	return s
}

type score[C any] struct {
	harmony.Score[C]
	by Observer
}

// removable is the score whose inner one can be removed. Were there one type, every Score that is
// observed would seem to be removable, or no removal would be seen.
type removable[C any] struct {
	score[C]
	remover harmony.Remover[C]
}

var (
	_ harmony.Score[any]   = score[any]{}
	_ harmony.Wrapper[any] = score[any]{}
	_ harmony.Score[any]   = removable[any]{}
	_ harmony.Wrapper[any] = removable[any]{}
	_ harmony.Remover[any] = removable[any]{}
)

func (s score[C]) Unwrap() harmony.Score[C] { return s.Score }

func (s score[C]) Interpret(ctx context.Context, on C) (outcome harmony.Outcome, err error) {
	ctx, end := s.by.begin(ctx, s.Name(), harmony.StepInterpret)
	err = errPanic // unless it returns
	defer func() { end(err, keyChanges.Int(len(outcome.Changes))) }()
	return s.Score.Interpret(ctx, on)
}

func (s score[C]) SmokeTest(ctx context.Context, on C) (err error) {
	ctx, end := s.by.begin(ctx, s.Name(), harmony.StepSmokeTest)
	err = errPanic
	defer func() { end(err) }()
	return s.Score.SmokeTest(ctx, on)
}

func (s removable[C]) Remove(ctx context.Context, on C, how harmony.Removal) (removed harmony.Removed, err error) {
	ctx, end := s.by.begin(ctx, s.Name(), harmony.StepRemove)
	err = errPanic
	defer func() { end(err, keyChanges.Int(len(removed.Gone))) }()
	return s.remover.Remove(ctx, on, how)
}
