// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package harmony_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"nationtech.io/harmony"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/wait"
)

// A yard is a place that can be planned on: its twin writes down what would be done.
type yard struct {
	mu    sync.Mutex
	has   map[string]bool
	draft *harmony.Draft // of a twin
}

type yards interface{ Yard() *yard }

func (*yard) Name() string  { return "yard" }
func (y *yard) Yard() *yard { return y }

func (y *yard) Planning(d *harmony.Draft) harmony.Topology { return &yard{has: y.has, draft: d} }

// put makes a thing, and answers has the twin.
func (y *yard) put(thing string) harmony.Outcome {
	y.mu.Lock()
	defer y.mu.Unlock()
	intent := harmony.Create
	if y.has[thing] {
		intent = harmony.Keep
	}
	if y.draft != nil {
		y.draft.Note(harmony.Planned{Intent: intent, Object: thing})
	} else {
		y.has[thing] = true
	}
	if intent == harmony.Keep {
		return harmony.Outcome{}
	}
	return harmony.Outcome{Changes: []harmony.Change{{Action: harmony.Created, Object: thing}}}
}

func (y *yard) call(thing string) error {
	if y.draft != nil {
		return y.draft.Later("what " + thing + " answers")
	}
	return nil
}

// A shed is a Score that puts things into a yard.
type shed struct {
	name string
	work func(context.Context, *yard) (harmony.Outcome, error)
}

func (s shed) Name() string { return s.name }
func (s shed) Interpret(ctx context.Context, on yards) (harmony.Outcome, error) {
	return s.work(ctx, on.Yard())
}
func (shed) SmokeTest(context.Context, yards) error { return nil }

func puts(things ...string) func(context.Context, *yard) (harmony.Outcome, error) {
	return func(_ context.Context, y *yard) (o harmony.Outcome, err error) {
		for _, thing := range things {
			o.Changes = append(o.Changes, y.put(thing).Changes...)
		}
		return o, nil
	}
}

func intents(r harmony.Report) map[string]harmony.Intent {
	all := map[string]harmony.Intent{}
	for _, p := range r.Placements {
		for _, o := range p.Planned {
			all[o.Object] = o.Intent
		}
	}
	return all
}

func TestAPlanIsWhatADeployThenDoesAndDoesNothingItself(t *testing.T) {
	y := &yard{has: map[string]bool{"rake": true}}
	placement := harmony.Place(shed{"shed", puts("rake", "spade")}).On(y)
	plan, err := harmony.Plan(t.Context(), placement)
	if diff := cmp.Diff(map[string]harmony.Intent{"rake": harmony.Keep, "spade": harmony.Create}, intents(plan)); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
	if !plan.Plans() || y.has["spade"] || plan.Placements[0].Standing != harmony.Done {
		t.Errorf("got %+v, and the yard has %v", plan, y.has)
	}
	if _, err := harmony.Deploy(t.Context(), placement); err != nil {
		t.Fatal(err)
	}
	again, err := harmony.Plan(t.Context(), placement)
	if err != nil || again.Plans() || again.Placements[0].Standing != harmony.Unchanged || plan.SamePlan(again) {
		t.Errorf("got %v, %+v", err, again)
	}
}

func TestWhatIsKnownAfterTheApplyEndsAPlanWell(t *testing.T) {
	y := &yard{has: map[string]bool{}}
	plan, err := harmony.Plan(t.Context(), harmony.Place(shed{"shed", func(ctx context.Context, y *yard) (harmony.Outcome, error) {
		o := y.put("bell")
		return o, y.call("bell")
	}}).On(y))
	if err != nil {
		t.Fatal(err)
	}
	r := plan.Placements[0]
	if diff := cmp.Diff([]string{"what bell answers"}, r.Later); diff != "" || len(r.Planned) != 1 || r.Standing != harmony.Done {
		t.Errorf("got %+v %s", r, diff)
	}
}

func TestAScoreThatWaitsForWhatIsKnownAfterTheApplyDoesNotWaitInAPlan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		plan, err := harmony.Plan(t.Context(), harmony.Place(shed{"shed", func(ctx context.Context, y *yard) (harmony.Outcome, error) {
			o := y.put("bell")
			return o, wait.Until(ctx, "the bell to answer", wait.Pace{Every: time.Second}, func(context.Context) (string, bool, error) {
				err := y.call("bell")
				return fmt.Sprint(err), err == nil, nil // it takes every error for not yet
			})
		}}).On(&yard{has: map[string]bool{}}))
		if err != nil || len(plan.Placements[0].Later) != 1 || time.Since(start) > time.Second {
			t.Errorf("after %s: %v, %+v", time.Since(start), err, plan)
		}
	})
}

func TestAPlanGoesOnAfterAFindingAndReportsAll(t *testing.T) {
	y := &yard{has: map[string]bool{}}
	bad := func(code diag.Code) func(context.Context, *yard) (harmony.Outcome, error) {
		return func(context.Context, *yard) (harmony.Outcome, error) { return harmony.Outcome{}, diag.New(code) }
	}
	first := harmony.Place(shed{"first", bad(diag.Forbidden)}).On(y)
	plan, err := harmony.Plan(t.Context(), first,
		harmony.Place(shed{"second", bad(diag.NotOurs)}).On(y).After(first),
		harmony.Place(shed{"third", puts("spade")}).On(y).After(first))
	if diff := cmp.Diff([]diag.Code{diag.Forbidden, diag.NotOurs}, codes(err)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]harmony.Intent{"spade": harmony.Create}, intents(plan)); diff != "" {
		t.Error(diff)
	}
}

func TestAPlaceWithoutATwinIsAFinding(t *testing.T) {
	_, err := harmony.Plan(t.Context(), on(&site{name: "site"}, part{name: "part"}))
	if diff := cmp.Diff([]diag.Code{diag.LacksCapability}, codes(err)); diff != "" {
		t.Error(diff)
	}
}

// A shortYard has a twin that lacks what the yard has.
type shortYard struct{ yard }

func (y *shortYard) Planning(*harmony.Draft) harmony.Topology { return &site{name: "twin"} }

func TestATwinThatLacksACapabilityIsAFinding(t *testing.T) {
	_, err := harmony.Plan(t.Context(), harmony.Place(shed{"shed", puts("rake")}).On(&shortYard{}))
	if diff := cmp.Diff([]diag.Code{diag.LacksCapability}, codes(err)); diff != "" {
		t.Error(diff)
	}
}

func TestWhatAScoreItselfChangesIsPlannedOnce(t *testing.T) {
	plan, err := harmony.Plan(t.Context(), harmony.Place(shed{"shed", func(_ context.Context, y *yard) (harmony.Outcome, error) {
		o := y.put("rake")
		o.Changes = append(o.Changes, harmony.Change{Action: harmony.Deleted, Object: "user boss", Detail: "it may no longer log in"})
		return o, nil
	}}).On(&yard{has: map[string]bool{}}))
	want := []harmony.Planned{
		{Intent: harmony.Create, Object: "rake"},
		{Intent: harmony.Delete, Object: "user boss", Detail: "it may no longer log in"},
	}
	if diff := cmp.Diff(want, plan.Placements[0].Planned); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
}

// A field that is made of what a deploy generates anew is not known to a plan, and is the same in any two.
func TestWhatIsMadeOfAMadeUpValueIsKnownAfterTheApply(t *testing.T) {
	makesUp := func(_ context.Context, y *yard) (harmony.Outcome, error) {
		y.draft.MadeUp()
		made := fmt.Sprint(y.draft.Share("credential", rand.Text()))
		y.draft.Note(harmony.Planned{Intent: harmony.Update, Object: "gate", Fields: []harmony.Field{
			{Path: "digest", Before: "old", After: "of " + made}, {Path: "width", Before: 1, After: 2}, {Path: "key", Hidden: true},
		}})
		return harmony.Outcome{}, nil
	}
	placement := harmony.Place(shed{"shed", makesUp}).On(&yard{has: map[string]bool{}})
	plan := func() harmony.Report {
		report, err := harmony.Plan(t.Context(), placement)
		if err != nil {
			t.Fatal(err)
		}
		return report
	}
	want := []harmony.Planned{{Intent: harmony.Update, Object: "gate", Fields: []harmony.Field{
		{Path: "digest", Before: "old", Later: true}, {Path: "width", Before: 1, After: 2}, {Path: "key", Hidden: true},
	}}}
	if diff := cmp.Diff(want, plan().Placements[0].Planned); diff != "" {
		t.Error(diff)
	}
	if !plan().SamePlan(plan()) {
		t.Error("two plans of the same differ")
	}
}

func TestPlacementsOfAPlanKnowWhatTheOthersWouldMake(t *testing.T) {
	shares := func(_ context.Context, y *yard) (harmony.Outcome, error) {
		if y.draft.Share("key", new(int)) != y.draft.Share("key", new(int)) {
			return harmony.Outcome{}, errors.ErrUnsupported
		}
		if y.draft.First("fence") {
			return y.put("fence"), nil
		}
		return harmony.Outcome{}, nil
	}
	y := &yard{has: map[string]bool{}}
	placements := []*harmony.Placement{harmony.Place(shed{"a", shares}).On(y), harmony.Place(shed{"b", shares}).On(y)}
	for range 2 { // each run begins anew
		plan, err := harmony.Plan(t.Context(), placements...)
		if err != nil || len(plan.Placements[0].Planned)+len(plan.Placements[1].Planned) != 1 {
			t.Errorf("got %v, %+v", err, plan)
		}
	}
}
