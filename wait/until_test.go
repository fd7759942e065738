// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package wait_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"nationtech.io/harmony/wait"
)

func TestUntilReturnsAsSoonAsItSeesWhatItWaitsFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		looks := 0
		err := wait.Until(t.Context(), "three", wait.Pace{}, func(context.Context) (string, bool, error) {
			looks++
			return "", looks == 3, nil
		})
		if err != nil || looks != 3 {
			t.Fatalf("looks %d, error %v", looks, err)
		}
	})
}

func TestUntilGivesBackWhatItLastSaw(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		err := wait.Until(t.Context(), "the door", wait.Pace{Limit: 10 * time.Second}, func(context.Context) (string, bool, error) {
			if time.Since(start) < 4*time.Second {
				return "door locked", false, nil
			}
			return "door ajar", false, nil
		})
		var gave *wait.GaveUp
		if !errors.As(err, &gave) {
			t.Fatalf("got %v, want *GaveUp", err)
		}
		if gave.Saw != "door ajar" || gave.Waited != 10*time.Second || gave.Looks < 40 {
			t.Errorf("got %+v", gave)
		}
		if want := "waited 10s for the door; last seen: door ajar (for "; !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got %q, want it to begin with %q", err, want)
		}
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v does not reach the deadline", err)
		}
	})
}

func TestALookCutOffByTheDeadlineDoesNotHideTheOneBeforeIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		looks := 0
		err := wait.Until(t.Context(), "an answer", wait.Pace{Limit: time.Second}, func(ctx context.Context) (string, bool, error) {
			if looks++; looks == 1 {
				return "connection refused", false, nil
			}
			<-ctx.Done()
			return "", false, ctx.Err()
		})
		if err == nil || !strings.Contains(err.Error(), "connection refused") {
			t.Fatalf("got %v", err)
		}
	})
}

func TestUntilStopsAtAnErrorThatLookingAgainCannotHelp(t *testing.T) {
	broken := errors.New("broken")
	err := wait.Until(t.Context(), "x", wait.Pace{}, func(context.Context) (string, bool, error) { return "", false, broken })
	if !errors.Is(err, broken) {
		t.Fatalf("got %v", err)
	}
}

func TestUntilLooksAgainAtOnceWhenWoken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wake := make(chan struct{}, 1)
		start := time.Now()
		var open atomic.Bool
		go func() {
			_ = wait.Sleep(t.Context(), 3*time.Second)
			open.Store(true)
			wake <- struct{}{}
		}()
		err := wait.Until(t.Context(), "x", wait.Pace{Every: time.Hour, Wake: wake}, func(context.Context) (string, bool, error) {
			return "closed", open.Load(), nil
		})
		if err != nil || time.Since(start) > 5*time.Second {
			t.Fatalf("after %s: %v", time.Since(start), err)
		}
	})
}

func TestACancelledWaitSaysSo(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, err := range map[string]error{
		"until": wait.Until(ctx, "x", wait.Pace{}, func(context.Context) (string, bool, error) { return "nothing yet", false, nil }),
		"sleep": wait.Sleep(ctx, time.Hour),
	} {
		if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "interrupted") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
