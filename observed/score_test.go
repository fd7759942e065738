// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package observed_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.opentelemetry.io/otel/codes"

	"nationtech.io/harmony"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/event"
	"nationtech.io/harmony/observed"
)

// cases are Scores that end in each of the ways.
func cases() map[string]harmony.Score[place] {
	return map[string]harmony.Score[place]{
		"changed":                part{name: "a", changes: changes},
		"unchanged":              part{name: "a"},
		"broken":                 part{name: "a", changes: changes, breaks: errors.New("no disk")},
		"broken with a code":     part{name: "a", breaks: diag.New(diag.Forbidden, "Secret/a")},
		"silent":                 part{name: "a", smokes: errors.New("silence")},
		"silent with a code":     part{name: "a", smokes: diag.New(diag.NobodyAnswered)},
		"not to be removed":      fixed{part{name: "a"}},
		"stuck":                  part{name: "a", stays: diag.New(diag.KeptStanding)},
		"a whole":                whole{part{name: "a"}, []harmony.Score[place]{part{name: "b"}, part{name: "c"}}},
		"a whole of a bad part":  whole{part{name: "a"}, []harmony.Score[place]{part{name: "b", breaks: errors.New("no disk")}}},
		"nothing but its parts":  group{fixed{part{name: "a"}}, []harmony.Score[place]{part{name: "b"}}},
		"parts that must remain": group{fixed{part{name: "a"}}, []harmony.Score[place]{fixed{part{name: "b"}}}},
	}
}

var verbs = map[string]func(context.Context, ...*harmony.Placement) (harmony.Report, error){
	"deploy": harmony.Deploy, "verify": harmony.Verify, "remove": harmony.Remove,
	"purge": harmony.Run{Purge: true}.Remove,
}

func TestAnObservedScoreBehavesAsTheBareOne(t *testing.T) {
	timeless := cmp.Options{
		cmpopts.IgnoreTypes(time.Time{}, event.Seconds(0)),
		cmp.Comparer(func(a, b error) bool { return fmt.Sprint(a) == fmt.Sprint(b) }),
	}
	for name, bare := range cases() {
		for verb, run := range verbs {
			t.Run(verb+" "+name, func(t *testing.T) {
				here, there := &site{}, &site{}
				want, wantErr := run(t.Context(), harmony.Place(bare).On(here))
				got, gotErr := run(t.Context(), harmony.Place(observed.Score(bare, newLens(t).observer)).On(there))
				if diff := cmp.Diff(want, got, timeless); diff != "" {
					t.Errorf("the report (-bare +observed):\n%s", diff)
				}
				if diff := cmp.Diff(wantErr, gotErr, timeless); diff != "" {
					t.Errorf("the error (-bare +observed):\n%s", diff)
				}
				if diff := cmp.Diff(here.sorted(), there.sorted()); diff != "" {
					t.Errorf("what was done (-bare +observed):\n%s", diff)
				}
			})
		}
	}
}

func TestTheCodeOfASpanIsThatOfTheReport(t *testing.T) {
	for name, bare := range cases() {
		l := newLens(t)
		report, _ := harmony.Deploy(t.Context(), harmony.Place(observed.Score(bare, l.observer)).On(&site{}))
		var want string // of a itself: what a part did is not observed
		var failed *harmony.PlacementError
		if errors.As(report.Placements[0].Err, &failed) {
			want = string(diag.All(failed)[0].Code)
		}
		var got string
		for _, s := range l.ended() {
			got += told(s)["error.type"]
		}
		if got != want {
			t.Errorf("%s: spans tell %q, the report %q", name, got, want)
		}
	}
}

func TestEachStepIsASpanThatTellsHowItEnded(t *testing.T) {
	l, s := newLens(t), &site{}
	p := harmony.Place(observed.Score(part{name: "a", changes: changes, smokes: errors.New("silence")}, l.observer)).On(s)
	if _, err := harmony.Deploy(t.Context(), p); err == nil {
		t.Fatal("the smoke test passed")
	}
	if _, err := harmony.Remove(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	type span struct {
		name   string
		status codes.Code
		says   string
		tells  map[string]string
	}
	want := []span{
		{"interpret a", codes.Unset, "", map[string]string{"harmony.score.name": "a", "harmony.score.step": "interpret", "harmony.score.outcome": "done", "harmony.score.changes": "2"}},
		{"smoke test a", codes.Error, diag.SmokeTestFailed.Summary(), map[string]string{"harmony.score.name": "a", "harmony.score.step": "smoke test", "harmony.score.outcome": "failed", "error.type": "HRM0501"}},
		{"remove a", codes.Unset, "", map[string]string{"harmony.score.name": "a", "harmony.score.step": "remove", "harmony.score.outcome": "done", "harmony.score.changes": "1"}},
	}
	var got []span
	for _, s := range l.ended() {
		got = append(got, span{s.Name, s.Status.Code, s.Status.Description, told(s)})
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(span{})); diff != "" {
		t.Error(diff)
	}
}

func TestStepsAreCountedAndTimed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLens(t)
		p := harmony.Place(observed.Score(part{name: "a", takes: 2 * time.Second, smokes: diag.New(diag.NobodyAnswered)}, l.observer)).On(&site{})
		for range 3 {
			if _, err := harmony.Deploy(t.Context(), p); err == nil {
				t.Fatal("the smoke test passed")
			}
		}
		want := []measured{
			{"a interpret done ", 3, 6},
			{"a smoke test failed HRM0502", 3, 0},
		}
		if diff := cmp.Diff(want, l.measured(t)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestTheSpanStandsBetweenTheRunsAndWhatHappensInTheStep(t *testing.T) {
	l := newLens(t)
	tracer := l.traces.Tracer("test")
	ctx, run := tracer.Start(t.Context(), "run")
	bare := part{name: "a", within: func(ctx context.Context) {
		_, span := tracer.Start(ctx, "work")
		span.End()
	}}
	if _, err := harmony.Deploy(ctx, harmony.Place(observed.Score(bare, l.observer)).On(&site{})); err != nil {
		t.Fatal(err)
	}
	run.End()
	var below []string
	for _, s := range l.ended() {
		for _, p := range l.ended() {
			if p.SpanContext.SpanID() == s.Parent.SpanID() {
				below = append(below, p.Name+" › "+s.Name)
			}
		}
	}
	want := []string{"interpret a › work", "run › interpret a", "smoke test a › work", "run › smoke test a"}
	if diff := cmp.Diff(want, below); diff != "" {
		t.Error(diff)
	}
}

func TestWrappingTwiceOrThroughAnotherKeepsPartsAndRemove(t *testing.T) {
	inner, outer, other := newLens(t), newLens(t), newLens(t)
	all := whole{part{name: "all"}, []harmony.Score[place]{observed.Score(part{name: "b"}, other.observer)}}
	score := observed.Score(loud{observed.Score(all, inner.observer)}, outer.observer)
	s := &site{}
	p := harmony.Place(score).On(s)
	if _, err := harmony.Deploy(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	if _, err := harmony.Remove(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"start b", "end b", "smoke b", "start all", "end all", "smoke all", "remove all", "remove b"}, s.did); diff != "" {
		t.Error(diff)
	}
	names := func(l *lens) (names []string) {
		for _, s := range l.ended() {
			names = append(names, s.Name)
		}
		return names
	}
	for who, l := range map[string]*lens{"inner": inner, "outer": outer} {
		if diff := cmp.Diff([]string{"interpret all", "smoke test all", "remove all"}, names(l)); diff != "" {
			t.Errorf("%s: %s", who, diff)
		}
	}
	if diff := cmp.Diff([]string{"interpret b", "smoke test b", "remove b"}, names(other)); diff != "" {
		t.Errorf("a part that its composite wraps: %s", diff)
	}
}

func TestAScoreThatCannotBeRemovedIsNotMadeRemovable(t *testing.T) {
	l := newLens(t)
	score := observed.Score(observed.Score(fixed{part{name: "a"}}, l.observer), l.observer)
	if _, ok := harmony.Companion[harmony.Remover[place]](score); ok {
		t.Error("it says that it can be removed")
	}
	_, err := harmony.Remove(t.Context(), harmony.Place(score).On(&site{}))
	if all := diag.All(err); len(all) != 1 || all[0].Code != diag.NotRemovable {
		t.Errorf("got %v", err)
	}
	if len(l.ended()) > 0 {
		t.Errorf("a removal that never was is told of: %v", l.ended())
	}
}

func TestAnInterruptedStepIsNoFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLens(t)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		report, _ := harmony.Deploy(ctx, harmony.Place(observed.Score(part{name: "a", takes: time.Hour}, l.observer)).On(&site{}))
		if report.Placements[0].Standing != harmony.Interrupted {
			t.Fatalf("got %+v", report)
		}
		if diff := cmp.Diff([]measured{{"a interpret interrupted HRM0105", 1, 1}}, l.measured(t)); diff != "" {
			t.Error(diff)
		}
		if len(l.ended()) != 1 {
			t.Errorf("got %v", l.ended())
		}
	})
}

func TestAStepThatReachesItsLimitIsAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLens(t)
		_, err := harmony.Run{Limit: time.Minute}.Deploy(t.Context(), harmony.Place(observed.Score(part{name: "a", takes: time.Hour}, l.observer)).On(&site{}))
		if err == nil {
			t.Fatal("it went on for an hour")
		}
		if diff := cmp.Diff([]measured{{"a interpret failed HRM0107", 1, 60}}, l.measured(t)); diff != "" {
			t.Error(diff)
		}
	})
}

const hunter = "hunter2"

func TestAPanicEndsTheSpanAndGoesOn(t *testing.T) {
	steps := map[string]func(context.Context, harmony.Score[place]) error{
		"interpret": func(ctx context.Context, s harmony.Score[place]) error {
			_, err := s.Interpret(ctx, &site{})
			return err
		},
		"smoke test": func(ctx context.Context, s harmony.Score[place]) error { return s.SmokeTest(ctx, &site{}) },
		"remove": func(ctx context.Context, s harmony.Score[place]) error {
			r, _ := harmony.Companion[harmony.Remover[place]](s)
			_, err := r.Remove(ctx, &site{}, harmony.Removal{})
			return err
		},
	}
	for step, do := range steps {
		l := newLens(t)
		score := observed.Score(part{name: "a", within: func(context.Context) { panic(hunter) }}, l.observer)
		func() {
			defer func() {
				if r := recover(); r != hunter {
					t.Errorf("%s: the panic became %v", step, r)
				}
			}()
			t.Errorf("%s: it returned %v", step, do(t.Context(), score))
		}()
		if got := l.ended(); len(got) != 1 || got[0].Status.Code != codes.Error {
			t.Errorf("%s: got %v", step, got)
		}
		if diff := cmp.Diff([]measured{{"a " + step + " failed panic", 1, 0}}, l.measured(t), cmpopts.IgnoreFields(measured{}, "Seconds")); diff != "" {
			t.Error(diff)
		}
		l.isSilentOf(t, hunter)
	}
}

func TestNoTextOfAnErrorIsTold(t *testing.T) {
	for name, err := range map[string]error{
		"a bare error": errors.New("password " + hunter + " is wrong"),
		"a Diagnostic": (&diag.Diagnostic{Code: "ACME0001", Summary: "refused " + hunter}).Saw(hunter).Note(hunter).Try(hunter).Because(errors.New(hunter)).Under(hunter),
	} {
		for _, score := range []part{{name: "a", breaks: err}, {name: "a", smokes: err}, {name: "a", stays: err}} {
			l := newLens(t)
			p := harmony.Place(observed.Score(score, l.observer)).On(&site{})
			_, deployErr := harmony.Deploy(t.Context(), p)
			_, removeErr := harmony.Remove(t.Context(), p)
			if !strings.Contains(fmt.Sprint(deployErr, removeErr), hunter) {
				t.Fatalf("%s: the error did not come about", name)
			}
			l.isSilentOf(t, hunter)
		}
	}
}
