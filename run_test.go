// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package harmony_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"nationtech.io/harmony"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/event"
	"nationtech.io/harmony/wait"
)

// A site is a place whose only capability is to write down what is done on it.
type site struct {
	name string
	mu   sync.Mutex
	did  []string
}

func (s *site) Name() string   { return s.name }
func (s *site) Journal() *site { return s }
func (s *site) note(what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.did = append(s.did, what)
}

type place interface{ Journal() *site }

// A part is a Score that notes what is asked of it, takes a while, and fails where told to.
type part struct {
	name           string
	takes          time.Duration
	breaks, smokes error
	parts          func(place) []*harmony.Placement
	changes        []harmony.Change
}

func (p part) Name() string { return p.name }

func (p part) Interpret(ctx context.Context, on place) (harmony.Outcome, error) {
	on.Journal().note("start " + p.name)
	if err := wait.Sleep(ctx, p.takes); err != nil {
		return harmony.Outcome{}, err
	}
	on.Journal().note("end " + p.name)
	return harmony.Outcome{Changes: p.changes}, p.breaks
}

func (p part) SmokeTest(ctx context.Context, on place) error {
	on.Journal().note("smoke " + p.name)
	event.Emit(ctx, event.Fact{Text: p.name + " answered"})
	return p.smokes
}

func (p part) Remove(_ context.Context, on place, how harmony.Removal) (harmony.Removed, error) {
	on.Journal().note("remove " + p.name)
	if how.Purge {
		return harmony.Removed{Gone: []string{p.name, "data of " + p.name}}, nil
	}
	return harmony.Removed{Gone: []string{p.name}, Kept: []string{"data of " + p.name}}, nil
}

// A whole is a composite.
type whole struct{ part }

func (w whole) Parts(on place) []*harmony.Placement { return w.parts(on) }

var (
	_ harmony.Remover[place]   = part{}
	_ harmony.Composite[place] = whole{}
)

func on(s *site, p part) *harmony.Placement { return harmony.Place(p).On(s) }

func standings(r harmony.Report) map[string]harmony.Standing {
	m := map[string]harmony.Standing{}
	for _, p := range r.Placements {
		m[strings.Join(p.Path, "/")] = p.Standing
	}
	return m
}

func codes(err error) (codes []diag.Code) {
	for _, d := range diag.All(err) {
		codes = append(codes, d.Code)
	}
	return codes
}

func TestIndependentPlacementsRunSideBySideAndOrderedOnesInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &site{}
		a, b := on(s, part{name: "a", takes: 2 * time.Second}), on(s, part{name: "b", takes: 2 * time.Second})
		c := on(s, part{name: "c", takes: time.Second}).After(a, b)
		start := time.Now()
		report, err := harmony.Deploy(t.Context(), c, a, b)
		if err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took != 3*time.Second {
			t.Errorf("took %s, side by side it is 3 s", took)
		}
		if i := slices.Index(s.did, "start c"); i < slices.Index(s.did, "smoke a") || i < slices.Index(s.did, "smoke b") {
			t.Errorf("c began before a and b had passed: %v", s.did)
		}
		if got := report.Placements[1]; got.Took != event.Seconds(2*time.Second) || len(got.Steps) != 2 || got.Steps[0] != (harmony.Step{Name: "interpret", Took: event.Seconds(2 * time.Second)}) {
			t.Errorf("steps are not timed: %+v", got)
		}
	})
}

func TestAFailureStopsWhatDependsOnItAndLetsTheRestFinish(t *testing.T) {
	s := &site{}
	broken := errors.New("no disk")
	a := on(s, part{name: "a", breaks: broken})
	b := on(s, part{name: "b"}).After(a)
	c := on(s, part{name: "c", smokes: diag.New(diag.NobodyAnswered)})
	d := on(s, part{name: "d"}).After(b)
	e := on(s, part{name: "e"})
	report, err := harmony.Deploy(t.Context(), a, b, c, d, e)
	want := map[string]harmony.Standing{"a": "failed", "b": "skipped", "c": "failed", "d": "skipped", "e": "unchanged"}
	if diff := cmp.Diff(want, standings(report)); diff != "" {
		t.Error(diff)
	}
	if !errors.Is(err, broken) {
		t.Errorf("%v does not reach its cause", err)
	}
	if diff := cmp.Diff([]diag.Code{diag.Unexplained, diag.NobodyAnswered}, codes(err)); diff != "" {
		t.Error(diff)
	}
	if got := diag.All(err)[1].Path; !cmp.Equal(got, []string{"c"}) {
		t.Errorf("a Diagnostic without a path was not given one: %v", got)
	}
	if slices.Contains(s.did, "start b") || slices.Contains(s.did, "start d") {
		t.Errorf("something was started behind a failure: %v", s.did)
	}
	if !strings.Contains(report.Placements[1].Because, "after a") {
		t.Errorf("b does not say why it was skipped: %q", report.Placements[1].Because)
	}
}

func TestOnlyFailedSmokeTestsAreToldApart(t *testing.T) {
	s := &site{}
	for smoke, p := range map[bool]part{true: {name: "x", smokes: errors.New("silence")}, false: {name: "x", breaks: errors.New("no disk")}} {
		_, err := harmony.Deploy(t.Context(), on(s, p))
		var failure *harmony.Failure
		if !errors.As(err, &failure) || failure.Smoke() != smoke {
			t.Errorf("smoke %t: got %v", smoke, err)
		}
		want := map[bool]diag.Code{true: diag.SmokeTestFailed, false: diag.Unexplained}[smoke]
		if got := codes(err); !cmp.Equal(got, []diag.Code{want}) {
			t.Errorf("smoke %t: got codes %v", smoke, got)
		}
	}
}

func TestACompositesPartsComeFirstAndItsOwnSmokeTestLast(t *testing.T) {
	s := &site{}
	all := whole{part{name: "all", parts: func(on place) []*harmony.Placement {
		a := harmony.Place(part{name: "a"}).On(on)
		return []*harmony.Placement{harmony.Place(part{name: "b"}).On(on).After(a), a}
	}}}
	placement := harmony.Place(all).On(s)
	if _, err := harmony.Deploy(t.Context(), placement); err != nil {
		t.Fatal(err)
	}
	want := []string{"start a", "end a", "smoke a", "start b", "end b", "smoke b", "start all", "end all", "smoke all"}
	if diff := cmp.Diff(want, s.did); diff != "" {
		t.Error(diff)
	}
	s.did = nil
	report, err := harmony.Run{Purge: true}.Remove(t.Context(), placement)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"remove all", "remove b", "remove a"}, s.did); diff != "" {
		t.Error(diff)
	}
	if got := report.Placements[1]; !cmp.Equal(got.Path, []string{"all", "b"}) || len(got.Gone) != 2 {
		t.Errorf("got %+v", got)
	}
}

func TestACompositeIsUnchangedOnlyWhenItsPartsAre(t *testing.T) {
	for want, changes := range map[harmony.Standing][]harmony.Change{
		harmony.Unchanged: nil, harmony.Done: {{Action: harmony.Created, Object: "Service/a"}},
	} {
		all := whole{part{name: "all", parts: func(on place) []*harmony.Placement {
			return []*harmony.Placement{harmony.Place(part{name: "a", changes: changes}).On(on)}
		}}}
		report, err := harmony.Deploy(t.Context(), harmony.Place(all).On(&site{}))
		if err != nil || report.Placements[0].Standing != want {
			t.Errorf("%v: %v %+v", changes, err, report.Placements[0])
		}
	}
}

func TestRemoveKeepsAndListsDataUnlessTold(t *testing.T) {
	report, err := harmony.Remove(t.Context(), on(&site{}, part{name: "a"}))
	if err != nil || !cmp.Equal(report.Placements[0].Kept, []string{"data of a"}) {
		t.Errorf("%v %+v", err, report)
	}
}

func TestVerifyAsksAllAtOnceAndChangesNothing(t *testing.T) {
	s := &site{}
	a := on(s, part{name: "a", smokes: errors.New("silence")})
	report, err := harmony.Verify(t.Context(), a, on(s, part{name: "b"}).After(a))
	if err == nil || len(s.did) != 2 || report.Changed() {
		t.Errorf("did %v, error %v", s.did, err)
	}
	if diff := cmp.Diff([]string{"b answered"}, report.Placements[1].Facts); diff != "" {
		t.Error(diff)
	}
}

func TestContradictionsAreAllReportedBeforeAnythingIsTouched(t *testing.T) {
	s, other := &site{}, &site{}
	a, b, c := on(s, part{name: "a"}), on(s, part{name: "b"}), on(s, part{name: "c"})
	a.After(c)
	b.After(a)
	c.After(b)
	_, err := harmony.Deploy(t.Context(), a, b, c, on(s, part{name: "a"}), on(other, part{name: "b"}), nil)
	if diff := cmp.Diff([]diag.Code{diag.BadPlacement, diag.PlacedTwice, diag.Circle}, codes(err)); diff != "" {
		t.Error(diff)
	}
	if len(s.did) != 0 {
		t.Errorf("touched: %v", s.did)
	}
	if !strings.Contains(err.Error(), "a after c after b after a") {
		t.Errorf("the circle is not shown: %v", err)
	}
}

func TestTwoPartsOfOneNameInDifferentCompositesAreFoundToo(t *testing.T) {
	s := &site{}
	with := func(name string) *harmony.Placement {
		return harmony.Place(whole{part{name: name, parts: func(on place) []*harmony.Placement {
			return []*harmony.Placement{harmony.Place(part{name: "nats"}).On(on)}
		}}}).On(s)
	}
	_, err := harmony.Deploy(t.Context(), with("one"), with("two"))
	if !cmp.Equal(codes(err), []diag.Code{diag.PlacedTwice}) || !strings.Contains(err.Error(), "one › nats") {
		t.Errorf("got %v", err)
	}
}

func TestCancellingStartsNothingMoreAndReturnsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &site{}
		ctx, cancel := context.WithCancel(t.Context())
		a := on(s, part{name: "a", takes: time.Hour})
		time.AfterFunc(time.Second, cancel)
		start := time.Now()
		report, err := harmony.Deploy(ctx, a, on(s, part{name: "b"}).After(a))
		if time.Since(start) != time.Second {
			t.Errorf("took %s", time.Since(start))
		}
		if diff := cmp.Diff(map[string]harmony.Standing{"a": "interrupted", "b": "interrupted"}, standings(report)); diff != "" {
			t.Error(diff)
		}
		if !errors.Is(err, context.Canceled) || !cmp.Equal(codes(err), []diag.Code{diag.Interrupted}) {
			t.Errorf("got %v", err)
		}
	})
}

// A mute Score waits in its smoke test for an answer, and makes of the end of its wait that nobody answered.
type mute struct{ stubborn }

func (mute) SmokeTest(ctx context.Context, _ place) error {
	if err := wait.Sleep(ctx, time.Hour); err != nil {
		return diag.New(diag.NobodyAnswered).Because(err)
	}
	return nil
}

func TestASmokeTestThatIsInterruptedDoesNotSayThatNobodyAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for code, end := range map[diag.Code]func() (context.Context, context.CancelFunc){
			diag.Interrupted:    func() (context.Context, context.CancelFunc) { return context.WithCancel(t.Context()) },
			diag.NobodyAnswered: func() (context.Context, context.CancelFunc) { return t.Context(), func() {} },
		} {
			ctx, cancel := end()
			time.AfterFunc(time.Second, cancel)
			_, err := harmony.Deploy(ctx, harmony.Place(mute{}).On(&site{}))
			if !cmp.Equal(codes(err), []diag.Code{code}) {
				t.Errorf("got %v, want %s", err, code)
			}
		}
	})
}

type quitter struct{ stubborn }

func (quitter) Interpret(context.Context, place) (harmony.Outcome, error) {
	return harmony.Outcome{}, context.Canceled
}

func TestAStepThatCancelsItsOwnWorkIsAFailureAndNoInterruption(t *testing.T) {
	report, err := harmony.Deploy(t.Context(), harmony.Place(quitter{}).On(&site{}))
	if !cmp.Equal(codes(err), []diag.Code{diag.Unexplained}) || report.Placements[0].Standing != harmony.Failed {
		t.Errorf("got %v, %s", err, report.Placements[0].Standing)
	}
}

func TestALimitEndsAPlacementAndSaysWhatItWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, err := harmony.Run{Limit: time.Minute}.Deploy(t.Context(), on(&site{}, part{name: "a", takes: time.Hour}))
		if !cmp.Equal(codes(err), []diag.Code{diag.LimitReached}) || !strings.Contains(err.Error(), "waited 1m0s for 1h0m0s to pass") {
			t.Errorf("got %v", err)
		}
	})
}

func TestPartsOfACompositeThatNeverStartedAreReportedAsSkipped(t *testing.T) {
	s := &site{}
	a := on(s, part{name: "a", breaks: errors.New("no")})
	all := harmony.Place(whole{part{name: "all", parts: func(on place) []*harmony.Placement {
		return []*harmony.Placement{harmony.Place(part{name: "b"}).On(on)}
	}}}).On(s).After(a)
	ended := map[string]string{}
	report, _ := harmony.Run{Events: event.SinkFunc(func(r event.Record) {
		if e, ok := r.Event.(event.PlacementEnded); ok {
			ended[strings.Join(r.Path, "/")] = e.Standing
		}
	})}.Deploy(t.Context(), a, all)
	if diff := cmp.Diff(map[string]harmony.Standing{"a": "failed", "all": "skipped", "all/b": "skipped"}, standings(report)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]string{"a": "failed", "all": "skipped", "all/b": "skipped"}, ended); diff != "" {
		t.Errorf("events: %s", diff)
	}
}

// A loud Score wraps another and has none of its companions.
type loud struct{ harmony.Score[place] }

func (l loud) Unwrap() harmony.Score[place] { return l.Score }

var _ harmony.Wrapper[place] = loud{}

func TestCompanionsOfAWrappedScoreAreFound(t *testing.T) {
	report, err := harmony.Remove(t.Context(), harmony.Place[place](loud{part{name: "a"}}).On(&site{}))
	if err != nil || !cmp.Equal(report.Placements[0].Gone, []string{"a"}) {
		t.Errorf("%v %+v", err, report)
	}
}

type stubborn struct{}

func (stubborn) Name() string { return "stubborn" }
func (stubborn) Interpret(context.Context, place) (harmony.Outcome, error) {
	return harmony.Outcome{}, nil
}
func (stubborn) SmokeTest(_ context.Context, on place) error { on.Journal().note("smoke"); return nil }

func TestAComponentThatCannotBeRemovedSaysSo(t *testing.T) {
	_, err := harmony.Remove(t.Context(), harmony.Place(stubborn{}).On(&site{}))
	if !cmp.Equal(codes(err), []diag.Code{diag.NotRemovable}) {
		t.Errorf("got %v", err)
	}
}
