// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package wait

import (
	"context"
	"time"
)

const (
	firstPause   = 10 * time.Millisecond
	defaultEvery = 250 * time.Millisecond
)

// Pace says how often a wait looks, for how long, and what may wake it earlier.
type Pace struct {
	// Every is the longest pause between two looks; 250 ms when zero. The pauses
	// start at 10 ms and double until they reach it.
	Every time.Duration
	// Limit ends the wait; when zero only the context does.
	Limit time.Duration
	// Wake makes the wait look again at once, for instance because a watch saw a change.
	Wake <-chan struct{}
}

// A Look observes once: what it saw, in words for a person, and whether that is what was waited for.
// An error ends the wait at once: it means that looking again cannot help.
type Look func(ctx context.Context) (saw string, done bool, err error)

// Until looks until look says done. It returns nil then, look's own error when
// look fails, and a *GaveUp with the last observation when the context or the
// limit ends first. what names the thing that is waited for.
func Until(ctx context.Context, what string, pace Pace, look Look) error {
	if pace.Limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, pace.Limit)
		defer cancel()
	}
	every := pace.Every
	if every <= 0 {
		every = defaultEvery
	}
	gave := &GaveUp{What: what, started: time.Now()}
	for pause := min(firstPause, every); ; pause = min(2*pause, every) {
		saw, done, err := look(ctx)
		if done && err == nil {
			return nil
		}
		gave.note(saw)
		if ctx.Err() != nil {
			return gave.because(ctx, err)
		}
		if err != nil {
			return err
		}
		if !rest(ctx, pause, pace.Wake) {
			return gave.because(ctx, nil)
		}
	}
}

// Sleep pauses for d. It returns a *GaveUp when the context ends first.
func Sleep(ctx context.Context, d time.Duration) error {
	gave := &GaveUp{What: d.String() + " to pass", started: time.Now()}
	if !rest(ctx, d, nil) {
		return gave.because(ctx, nil)
	}
	return nil
}

// rest pauses until d has passed or something wakes it; false when the context ended.
func rest(ctx context.Context, d time.Duration, wake <-chan struct{}) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
	case <-wake:
	}
	return ctx.Err() == nil
}
