// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package harmony_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"nationtech.io/harmony"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/event"
)

// heard keeps the events of a run.
type heard struct {
	mu  sync.Mutex
	all []event.Event
}

func (h *heard) Emit(r event.Record) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.all = append(h.all, r.Event)
}

func (h *heard) ended() (standings []string) {
	for _, e := range h.all {
		if e, ok := e.(event.PlacementEnded); ok {
			standings = append(standings, e.Standing)
		}
	}
	return standings
}

// objects is work that a plan finds something against.
func objects(code diag.Code) func(context.Context, *yard) (harmony.Outcome, error) {
	return func(_ context.Context, y *yard) (harmony.Outcome, error) {
		if y.draft != nil {
			return harmony.Outcome{}, diag.New(code)
		}
		return y.put("weed"), nil
	}
}

func TestADeployReportsAllFindingsBeforeItsFirstChange(t *testing.T) {
	y := &yard{has: map[string]bool{}}
	good := harmony.Place(shed{"good", puts("rake")}).On(y)
	one := harmony.Place(shed{"one", objects(diag.NotOurs)}).On(y).After(good)
	two := harmony.Place(shed{"two", objects(diag.Immutable)}).On(y).After(one)
	events := &heard{}
	report, err := harmony.Run{Events: events}.Deploy(t.Context(), good, one, two)
	if len(y.has) > 0 || report.Changed() {
		t.Errorf("the yard has %v", y.has)
	}
	if diff := cmp.Diff([]diag.Code{diag.NotOurs, diag.Immutable}, codes(err)); diff != "" {
		t.Error(diff)
	}
	var failure *harmony.Failure
	if !errors.As(err, &failure) || !failure.Preflight() || failure.Smoke() {
		t.Errorf("got %v", err)
	}
	want := map[string]harmony.Standing{"good": "skipped", "one": "failed", "two": "failed"}
	if diff := cmp.Diff(want, standings(report)); diff != "" {
		t.Error(diff)
	}
	if !strings.Contains(report.Placements[0].Because, "nothing was changed") {
		t.Errorf("got %q", report.Placements[0].Because)
	}
	if diff := cmp.Diff([]string{"skipped", "failed", "failed"}, events.ended()); diff != "" {
		t.Errorf("each placement ends once: %s", diff)
	}
}

func TestAPreflightThatFindsNothingIsAStepOfTheDeploy(t *testing.T) {
	y := &yard{has: map[string]bool{}}
	events := &heard{}
	report, err := harmony.Run{Events: events}.Deploy(t.Context(), harmony.Place(shed{"shed", puts("rake")}).On(y))
	if err != nil || !y.has["rake"] {
		t.Fatalf("%v, the yard has %v", err, y.has)
	}
	var steps []string
	for _, s := range report.Placements[0].Steps {
		steps = append(steps, s.Name)
	}
	if diff := cmp.Diff([]string{"preflight", "interpret", "smoke test"}, steps); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"done"}, events.ended()); diff != "" {
		t.Error(diff)
	}
}

func TestWhatIsKnownOnlyAfterTheApplyIsNoFindingOfAPreflight(t *testing.T) {
	y := &yard{has: map[string]bool{}}
	_, err := harmony.Deploy(t.Context(), harmony.Place(shed{"shed", func(_ context.Context, y *yard) (harmony.Outcome, error) {
		if err := y.call("the rake"); err != nil {
			return harmony.Outcome{}, err
		}
		return y.put("rake"), nil
	}}).On(y))
	if err != nil || !y.has["rake"] {
		t.Errorf("%v, the yard has %v", err, y.has)
	}
}
