// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package wait

import (
	"context"
	"fmt"
	"time"
)

// TimeoutError says that something did not come true in time.
type TimeoutError struct {
	What  string        // what was waited for
	Saw   string        // what was seen last
	After time.Duration // how long it was waited for
	Err   error         // why the wait ended: context.Canceled or context.DeadlineExceeded
}

func (e *TimeoutError) Error() string {
	saw := e.Saw
	if saw == "" {
		saw = "nothing"
	}
	return fmt.Sprintf("waited %s for %s; last saw: %s", e.After.Round(100*time.Millisecond), e.What, saw)
}

// Unwrap gives the context's error, so that an interrupt can be told from a timeout.
func (e *TimeoutError) Unwrap() error { return e.Err }

// Until calls check now and every interval until it reports true, an error, or ctx ends.
// seen is what check saw this time; the last of them is in the error when the wait gives up.
func Until(ctx context.Context, what string, interval time.Duration, check func(context.Context) (done bool, seen string, err error)) error {
	start := time.Now()
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	last := ""
	for {
		done, seen, err := check(ctx)
		if err != nil {
			return err
		}
		if done {
			return nil
		}
		// What a check sees after the end is only that it was cut short.
		if ctx.Err() == nil && seen != "" {
			last = seen
		}
		select {
		case <-ctx.Done():
			return &TimeoutError{What: what, Saw: last, After: time.Since(start), Err: ctx.Err()}
		case <-ticker.C:
		}
	}
}

// For waits for d, or less if ctx ends first; it reports whether d has passed.
func For(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
