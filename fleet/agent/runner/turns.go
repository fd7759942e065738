// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package runner

import (
	"context"
	"sync"
	"time"

	"nationtech.io/harmony/diag"
)

const (
	// sideBySide is how many containers are made or taken away at once, and how many images are fetched: devices are small, and
	// so are their links.
	sideBySide = 4
	// patience is for how long something keeps its turn that makes no progress. To make and start a container, or to end a program
	// that obeys, takes a second or two. What takes longer waits, for a registry that is silent or a program that does
	// not end, and what waits takes little from the device.
	patience = 5 * time.Second
)

// turns bound how much is done at once, and not how much is waited for.
type turns chan struct{}

func newTurns() turns { return make(turns, sideBySide) }

// take does something when it is its turn. That ends with it, or before when it makes no progress for the length of patience;
// it calls progress when it does. The error is that of do, or the end of the context before its turn.
func (t turns) take(ctx context.Context, do func(progress func()) error) error {
	select {
	case t <- struct{}{}:
	case <-ctx.Done():
		return diag.Ended(ctx)
	}
	giveBack := sync.OnceFunc(func() { <-t })
	defer giveBack()
	stalled := time.AfterFunc(patience, giveBack)
	defer stalled.Stop()
	return do(func() { stalled.Reset(patience) })
}
