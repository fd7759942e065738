// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package harmony_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"nationtech.io/harmony"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/event"
	"nationtech.io/harmony/wait"
)

// stoppedAt deploys with a run that is told to stop after a while, and gives what it reports and how long it took.
func stoppedAt(t *testing.T, after time.Duration, ps ...*harmony.Placement) (harmony.Report, []event.Event, error) {
	t.Helper()
	stop := make(chan struct{})
	time.AfterFunc(after, func() { close(stop) })
	events := &heard{}
	report, err := harmony.Run{Stop: stop, Events: events}.Deploy(t.Context(), ps...)
	return report, events.all, err
}

func told(err error) (text string) {
	var b strings.Builder
	for _, d := range diag.All(err) {
		_ = diag.Style{}.Write(&b, d) // a Builder takes everything
	}
	return b.String()
}

func TestARunThatIsToldToStopLetsStepsEndAndStartsNone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &site{}
		a := on(s, part{name: "a", takes: time.Second})
		b := on(s, part{name: "b", takes: time.Minute}).After(a)
		c := on(s, part{name: "c"}).After(b)
		start := time.Now()
		report, events, err := stoppedAt(t, 10*time.Second, a, b, c)
		if took := time.Since(start); took != 61*time.Second {
			t.Errorf("took %s: what is under way must end, and nothing else begin", took)
		}
		want := map[string]harmony.Standing{"a": "unchanged", "b": "interrupted", "c": "interrupted"}
		if diff := cmp.Diff(want, standings(report)); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]string{"start a", "end a", "smoke a", "start b", "end b"}, s.did); diff != "" {
			t.Error(diff)
		}
		if !cmp.Equal(codes(err), []diag.Code{diag.Interrupted}) {
			t.Errorf("got %v", err)
		}
		for _, want := range []string{
			"a: stood already, and its smoke test passed", "b: interpret is done, and smoke test was not started: the run was interrupted",
			"c: not started: the run was interrupted", "run the same again",
		} {
			if !strings.Contains(told(err), want) {
				t.Errorf("%q is not said:\n%s", want, told(err))
			}
		}
		stopping := 0
		for _, e := range events {
			if _, ok := e.(event.Stopping); ok {
				stopping++
			}
		}
		if stopping != 1 {
			t.Errorf("listeners hear %d times that the run stops", stopping)
		}
	})
}

func TestARunThatIsToldToStopWhenNothingIsLeftToStartEndsWell(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stop := make(chan struct{})
		time.AfterFunc(time.Second, func() { close(stop) })
		_, err := harmony.Run{Stop: stop}.Verify(t.Context(), harmony.Place(shed{name: "x"}).On(&yard{}), harmony.Place(slow{}).On(&site{}))
		if err != nil {
			t.Errorf("every step came to its end, and yet: %v", err)
		}
	})
}

// A slow Score takes its time in the smoke test.
type slow struct{ stubborn }

func (slow) SmokeTest(ctx context.Context, _ place) error {
	return wait.Sleep(ctx, 5*time.Second)
}

func TestAFailureAndAnInterruptionAreBothReported(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &site{}
		a := on(s, part{name: "a", takes: time.Minute, breaks: errors.New("no disk")})
		b := on(s, part{name: "b", takes: 2 * time.Minute})
		_, _, err := stoppedAt(t, time.Second, a, b)
		if diff := cmp.Diff([]diag.Code{diag.Interrupted, diag.Unexplained}, codes(err)); diff != "" {
			t.Error(diff)
		}
		var failure *harmony.Failure
		if !errors.As(err, &failure) || len(failure.Placements) != 1 {
			t.Errorf("got %v", err)
		}
	})
}

func TestADeployThatIsStoppedBeforeItsFirstChangeEndsAtOnceAndSaysThatNothingWasChanged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		y := &yard{has: map[string]bool{}}
		placement := harmony.Place(shed{"shed", func(ctx context.Context, y *yard) (harmony.Outcome, error) {
			if y.draft != nil {
				<-ctx.Done()
				return harmony.Outcome{}, ctx.Err()
			}
			return y.put("rake"), nil
		}}).On(y)
		start := time.Now()
		report, _, err := stoppedAt(t, time.Second, placement)
		if time.Since(start) != time.Second || len(y.has) > 0 || report.Changed() {
			t.Errorf("took %s, and the yard has %v", time.Since(start), y.has)
		}
		if !cmp.Equal(codes(err), []diag.Code{diag.Interrupted}) || !strings.Contains(told(err), "nothing was changed") {
			t.Errorf("got\n%s", told(err))
		}
	})
}
