// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package wait

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// GaveUp is the error of a wait that ended before it saw what it waited for.
// errors.Is reaches the context's error or its cause.
type GaveUp struct {
	What   string        // what was waited for
	Saw    string        // the last observation; empty when there was none
	Since  time.Time     // when that observation was first made
	Waited time.Duration // how long the wait lasted
	Looks  int           // how often it looked
	Cause  error         // why it ended: the context's cause, and the last look's own error if it had one

	started time.Time
}

// Error says what was waited for, how long, and what was seen last.
func (g *GaveUp) Error() string {
	text := fmt.Sprintf("waited %s for %s", round(g.Waited), g.What)
	if g.Saw != "" {
		text += fmt.Sprintf("; last seen: %s (for %s)", g.Saw, round(g.started.Add(g.Waited).Sub(g.Since)))
	}
	if errors.Is(g.Cause, context.Canceled) {
		text += "; interrupted"
	}
	return text
}

// Unwrap gives the reason for which the wait ended.
func (g *GaveUp) Unwrap() error { return g.Cause }

func (g *GaveUp) note(saw string) {
	g.Looks++
	// A look that was cut off by the deadline has nothing to tell: the one before it has.
	if saw != "" && saw != g.Saw {
		g.Saw, g.Since = saw, time.Now()
	}
}

func (g *GaveUp) because(ctx context.Context, last error) error {
	g.Waited = time.Since(g.started)
	g.Cause = errors.Join(context.Cause(ctx), last)
	return g
}

func round(d time.Duration) time.Duration {
	if d < time.Second {
		return d.Round(time.Millisecond)
	}
	return d.Round(100 * time.Millisecond)
}
