// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package pulse keeps long work from being silent.
package pulse

import (
	"context"
	"sync"
	"time"

	"nationtech.io/harmony/wait"
)

// Start calls tell every so often until it is stopped or ctx ends. stop returns when tell runs no more.
func Start(ctx context.Context, every time.Duration, tell func()) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var beating sync.WaitGroup
	beating.Go(func() {
		for wait.Sleep(ctx, every) == nil {
			tell()
		}
	})
	return func() { cancel(); beating.Wait() }
}
