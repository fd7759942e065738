// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package wait

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestUntilGivesUpWithWhatItLastSaw(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		seen := []string{"first", "", "", "second", ""}
		err := Until(ctx, "the moon", time.Second/2, func(context.Context) (bool, string, error) {
			if len(seen) == 0 {
				return false, "", nil
			}
			s := seen[0]
			seen = seen[1:]
			return false, s, nil
		})
		timeout, ok := errors.AsType[*TimeoutError](err)
		if !ok || timeout.Saw != "second" || timeout.After != 2*time.Second || !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("got %#v", err)
		}
		for _, part := range []string{"the moon", "2s", "second"} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%q does not say %q", err, part)
			}
		}
	})
}

func TestUntilEndsWhenCheckIsDoneOrFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		count := func(context.Context) (bool, string, error) { calls++; return calls == 3, "", nil }
		begin := time.Now()
		if err := Until(t.Context(), "three", time.Second, count); err != nil || calls != 3 || time.Since(begin) != 2*time.Second {
			t.Errorf("%v after %d calls and %s", err, calls, time.Since(begin))
		}
		failure := errors.New("broken")
		fail := func(context.Context) (bool, string, error) { return false, "", failure }
		if err := Until(t.Context(), "three", time.Second, fail); !errors.Is(err, failure) {
			t.Errorf("got %v", err)
		}
	})
}

func TestForReportsWhetherTheTimeHasPassed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		if !For(t.Context(), time.Hour) {
			t.Error("an hour did not pass")
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if For(ctx, time.Hour) {
			t.Error("an hour passed in a minute")
		}
	})
}
