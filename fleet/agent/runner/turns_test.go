// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package runner

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"nationtech.io/harmony/wait"
)

func TestWhatMakesNoProgressGivesItsTurnAway(t *testing.T) {
	for name, c := range map[string]struct {
		progress []time.Duration // one after the other
		turn     time.Duration   // after how long the next one has its turn
	}{
		"silent": {nil, patience},
		"slow":   {[]time.Duration{patience - time.Second, patience - time.Second}, 3*patience - 2*time.Second},
		"done":   {[]time.Duration{time.Second}, time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				turns := newTurns()
				for range sideBySide {
					go func() {
						_ = turns.take(t.Context(), func(progress func()) error { // what is looked at is when its turn ends
							for _, after := range c.progress {
								_ = wait.Sleep(t.Context(), after) // the same
								progress()
							}
							if name == "done" {
								return nil
							}
							return wait.Sleep(t.Context(), time.Hour)
						})
					}()
				}
				synctest.Wait()
				start := time.Now()
				if err := turns.take(t.Context(), func(func()) error { return nil }); err != nil || time.Since(start) != c.turn {
					t.Errorf("its turn came after %s, %v", time.Since(start), err)
				}
			})
		})
	}
}

func TestNobodyHasATurnTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		turns := newTurns()
		if err := turns.take(t.Context(), func(progress func()) error {
			err := wait.Sleep(t.Context(), 2*patience)
			progress() // its turn is over already
			return errors.Join(err, wait.Sleep(t.Context(), 2*patience))
		}); err != nil {
			t.Fatal(err)
		}
		if len(turns) != 0 {
			t.Errorf("%d turns are taken, and nothing is done", len(turns))
		}
		gone, end := context.WithCancel(t.Context())
		end()
		for range sideBySide {
			turns <- struct{}{}
		}
		if err := turns.take(gone, func(func()) error { return nil }); !errors.Is(err, context.Canceled) {
			t.Errorf("its turn never comes: %v", err)
		}
	})
}
