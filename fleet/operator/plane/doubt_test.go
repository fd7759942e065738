// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package plane

import (
	"slices"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/labels"
)

// narrowed is a world in which a person has labelled a device, and then narrowed a selector to that label; the selector is known and
// the label is not.
func narrowed(t *testing.T) (w *world, selector labels.Selector) {
	t.Helper()
	w = begin()
	w.device("a", labels.Set{"site": "south"})
	w.deployment("web", "site", "d1", 1)
	w.runs(t, w.unasked()["a"])
	w.pass(stableFor)
	return w, w.deployment("web", "site=north", "d1", 2).Selector
}

func TestWhatIsKnownFirstOfTwoEditsRemovesNothing(t *testing.T) {
	w, selector := narrowed(t)
	if one, written := w.unasked()["a"]; written && len(one.Entries) > 0 {
		t.Fatalf("it is told %+v", one.Entries)
	}
	doubts := w.Doubts(w.now)
	if len(doubts) != 1 || doubts[0].Device != "a" || !slices.Equal(doubts[0].Of, []string{"web"}) {
		t.Fatalf("in doubt are %+v", doubts)
	}
	is, selectors := labels.Set{"site": "north"}, map[string]labels.Selector{"web": selector}
	if of := w.Confirm("a", is, selectors, w.now); len(of) > 0 || len(w.Doubts(w.now)) != 1 {
		t.Errorf("its labels are others, and confirmed is %v", of)
	}
	w.device("a", is)
	if told := w.unasked()["a"].Entries; len(told) != 1 || told[0].Absent || len(w.Doubts(w.now)) > 0 {
		t.Errorf("it is told %+v, and in doubt are %+v", told, w.Doubts(w.now))
	}
}

func TestADoubtIsNotLostToOneWhoAsksLate(t *testing.T) {
	w := begin()
	w.device("a", labels.Set{"site": "north"})
	w.deployment("web", "site=north", "d1", 1)
	w.runs(t, w.unasked()["a"])
	w.device("a", labels.Set{"site": "south"})
	w.pass(stableFor)
	w.unasked()
	if early, now := w.Doubts(w.now.Add(-time.Second)), w.Doubts(w.now.Add(time.Second)); len(early) != 1 || len(now) != 1 {
		t.Errorf("in doubt are %+v, and then %+v", early, now)
	}
}

func TestWhatTheAPIServerConfirmsIsRemovedUntilThatChanges(t *testing.T) {
	w, selector := narrowed(t)
	w.unasked()
	is := labels.Set{"site": "south"}
	if of := w.Confirm("a", is, map[string]labels.Selector{"web": labels.Everything()}, w.now); len(of) > 0 {
		t.Errorf("the selector is another one, and confirmed is %v", of)
	}
	if of := w.Confirm("a", is, map[string]labels.Selector{}, w.now); len(of) > 0 {
		t.Errorf("the Deployment is gone, and confirmed is %v", of)
	}
	if of := w.Confirm("a", is, map[string]labels.Selector{"web": selector}, w.now); !slices.Equal(of, []string{"web"}) {
		t.Errorf("confirmed is %v", of)
	}
	if told := w.unasked()["a"].Entries; len(told) != 1 || !told[0].Absent {
		t.Errorf("it is told %+v", told)
	}
}

func TestWhatIsConfirmedIsInDoubtAgainWhenItMayHaveChanged(t *testing.T) {
	for name, changes := range map[string]func(*world){
		"the selector": func(w *world) { w.deployment("web", "site=west", "d1", 3) },
		"the grants":   func(w *world) { w.SetGrants([]Grant{{"shop", labels.Everything()}, {"other", labels.Everything()}}) },
		"the Deployment": func(w *world) {
			w.DropDeployment("web")
			w.deployment("web", "site=west", "d1", 3)
		},
	} {
		w, _ := narrowed(t)
		if told := w.writes()["a"].Entries; len(told) != 1 || !told[0].Absent {
			t.Fatalf("it is told %+v", told)
		}
		w.pass(time.Minute)
		changes(w)
		w.unasked()
		if len(w.Doubts(w.now)) != 1 {
			t.Errorf("%s changed, and nothing is in doubt", name)
		}
	}
}

func TestGrantsThatStayAsTheyAreLeaveNothingInDoubt(t *testing.T) {
	w, _ := narrowed(t)
	w.writes()
	w.pass(time.Minute)
	w.SetGrants([]Grant{{"shop", labels.Everything()}})
	if again := w.unasked(); len(again) > 0 || len(w.Doubts(w.now)) > 0 {
		t.Errorf("it is told %+v, and in doubt are %+v", again, w.Doubts(w.now))
	}
}
