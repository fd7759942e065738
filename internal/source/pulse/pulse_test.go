// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package pulse_test

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"nationtech.io/harmony/internal/source/pulse"
	"nationtech.io/harmony/wait"
)

func TestItTellsEverySoOftenUntilItIsStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told atomic.Int64
		stop := pulse.Start(t.Context(), time.Second, func() { told.Add(1) })
		_ = wait.Sleep(t.Context(), 3500*time.Millisecond)
		stop()
		_ = wait.Sleep(t.Context(), time.Minute)
		if got := told.Load(); got != 3 {
			t.Errorf("told %d times, want 3", got)
		}
	})
}
