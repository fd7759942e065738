// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package plane

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/labels"

	"nationtech.io/harmony/fleet/contract"
)

func TestADeploymentReachesTheDevicesThatItSelectsAndIsReadyWhenTheyRunIt(t *testing.T) {
	w := begin()
	w.device("a", labels.Set{"site": "north"})
	w.device("b", labels.Set{"site": "south"})
	w.deployment("web", "site=north", "d1", 1)
	wrote := w.writes()
	want := []Entry{{Namespace: "shop", Name: "web", UID: "web", Generation: 1, Digest: "d1"}}
	if diff := cmp.Diff(want, wrote["a"].Entries); diff != "" {
		t.Error(diff)
	}
	if len(wrote["b"].Entries) != 0 {
		t.Errorf("b is told %v", wrote["b"].Entries)
	}
	if got := w.counts(t, "web"); got != (Counts{Matched: 1, Offline: 1}) {
		t.Errorf("before it is heard of: %+v", got)
	}
	w.says("a", Order{}, Workload{UID: "web", Generation: 1, Digest: "d1", Phase: Pulling})
	if got := w.counts(t, "web"); got != (Counts{Matched: 1, Updated: 1, Pending: 1}) {
		t.Errorf("while it pulls: %+v", got)
	}
	w.runs(t, wrote["a"])
	if got := w.counts(t, "web"); got != (Counts{Matched: 1, Updated: 1, Ready: 1}) {
		t.Errorf("when it runs: %+v", got)
	}
	w.pass(offlineAfter + time.Second)
	w.Sweep(w.now)
	if got := w.counts(t, "web"); got != (Counts{Matched: 1, Updated: 1, Offline: 1}) {
		t.Errorf("when it is silent: %+v", got)
	}
}

func TestAnUnchangedDeviceIsNotWrittenAgain(t *testing.T) {
	w := begin()
	w.device("a", labels.Set{"site": "north"})
	d := w.deployment("web", "site=north", "d1", 1)
	w.runs(t, w.writes()["a"])
	d.Generation = 2 // a pause, or an edit of the selector that changes nothing here
	w.SetDeployment(d)
	w.pass(time.Hour)
	if again := w.writes(); len(again) != 0 {
		t.Errorf("wrote %v", again)
	}
}

func TestALabelOfOneDeviceConcernsThatDeviceAlone(t *testing.T) {
	w := begin()
	for i := range 1000 {
		w.device(fmt.Sprint("d", i), labels.Set{"site": "north"})
	}
	w.deployment("web", "site=north", "d1", 1)
	w.writes()
	w.pass(time.Hour)
	w.writes()
	w.device("d7", labels.Set{"site": "south"})
	if again, _ := w.Next(w.now, 10); len(again) != 1 || again[0].Device != "d7" {
		t.Errorf("wrote %v", again)
	}
	if got := w.counts(t, "web").Matched; got != 999 {
		t.Errorf("%d are matched", got)
	}
}

func TestWhatMaySelectNothing(t *testing.T) {
	for name, c := range map[string]struct {
		namespace, selector string
		labels              labels.Set
	}{
		"an empty selector":               {"shop", "", labels.Set{"site": "north"}},
		"a namespace without a grant":     {"lab", "site=north", labels.Set{"site": "north"}},
		"a probe that is not named":       {"shop", "site=north", labels.Set{"site": "north", ProbeLabel: "1"}},
		"a probe that is named otherwise": {"shop", ProbeLabel + "=2", labels.Set{ProbeLabel: "1"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := begin()
			w.device("a", c.labels)
			s, _ := labels.Parse(c.selector)
			w.SetDeployment(Deployment{Namespace: c.namespace, Name: "web", UID: "web", Generation: 1, Selector: s})
			if got := w.counts(t, "web").Matched; got != 0 {
				t.Errorf("%d are matched", got)
			}
		})
	}
	w := begin()
	w.device("a", labels.Set{ProbeLabel: "1"})
	w.deployment("probe", ProbeLabel+"=1", "d", 1)
	if got := w.counts(t, "probe").Matched; got != 1 {
		t.Errorf("a probe that is named: %d are matched", got)
	}
}

func TestAGrantThatIsTakenBackTakesTheDevicesAway(t *testing.T) {
	w := begin()
	w.device("a", labels.Set{"site": "north"})
	w.deployment("web", "site=north", "d1", 1)
	w.SetGrants(nil)
	if got := w.counts(t, "web").Matched; got != 0 {
		t.Errorf("%d are matched", got)
	}
}

func TestThereIsNoAbsentWithoutProof(t *testing.T) {
	const running, other = "web", "gone"
	has := Workload{UID: running, Generation: 3, Digest: "d1", Phase: Running}
	for _, c := range []struct {
		name string
		then func(*world, Deployment)
		want bool
	}{
		{"it is being deleted", func(w *world, d Deployment) { d.Deleting = true; w.SetDeployment(d) }, true},
		{"it is in the graveyard", func(w *world, d Deployment) {
			w.SetGraves([]Grave{{"shop", running, running, 4}})
			w.DropDeployment(running)
		}, true},
		{"it does not select the device, whose labels are stable", func(w *world, d Deployment) {
			w.device("a", labels.Set{"site": "south"})
			w.pass(stableFor)
		}, true},
		{"the labels changed a moment ago", func(w *world, d Deployment) {
			w.device("a", labels.Set{"site": "south"})
			w.pass(stableFor - time.Second)
		}, false},
		{"the device has a later generation", func(w *world, d Deployment) {
			d.Generation, d.EntryGeneration = 2, 2
			w.SetDeployment(d)
			w.device("a", labels.Set{"site": "south"})
			w.pass(stableFor)
		}, false},
		{"nobody knows it", func(w *world, d Deployment) { w.DropDeployment(running) }, false},
		{"another is in the graveyard", func(w *world, d Deployment) {
			w.DropDeployment(running)
			w.SetGraves([]Grave{{"shop", other, other, 4}})
		}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := begin()
			w.device("a", labels.Set{"site": "north"})
			d := w.deployment(running, "site=north", "d1", 3)
			w.says("a", w.writes()["a"].Order, has)
			w.pass(time.Hour)
			w.writes()
			c.then(w, d)
			got := w.writes()["a"].Entries
			if c.want && (len(got) != 1 || !got[0].Absent || got[0].Generation < has.Generation) || !c.want && len(got) != 0 {
				t.Errorf("it is told %+v", got)
			}
		})
	}
}

func TestAWorkloadThatIsRemovedLeavesTheManifestAndTheDeploymentIsHeldNoLonger(t *testing.T) {
	w := begin()
	w.device("a", labels.Set{"site": "north"})
	w.device("b", labels.Set{"site": "north"})
	d := w.deployment("web", "site=north", "d1", 1)
	w.runs(t, w.writes()["a"])
	w.pass(pace)
	d.Deleting, d.Generation = true, 2
	w.SetDeployment(d)
	online, offline := w.Holding("web")
	if len(online) != 1 || len(offline) != 1 {
		t.Errorf("held by %v and %v", online, offline)
	}
	told := w.writes()["a"]
	if len(told.Entries) != 1 || !told.Entries[0].Absent {
		t.Fatalf("it is told %+v", told.Entries)
	}
	w.says("a", told.Order, Workload{UID: "web", Generation: 2, Digest: "d1", Phase: Removing})
	if online, _ = w.Holding("web"); len(online) != 1 {
		t.Error("while it removes it, it is not held")
	}
	w.says("a", told.Order)
	if online, offline = w.Holding("web"); len(online) != 0 || len(offline) != 1 {
		t.Errorf("held by %v and %v", online, offline)
	}
	w.pass(pace)
	if told = w.writes()["a"]; told.Device != "a" || len(told.Entries) != 0 {
		t.Errorf("it is told %+v", told)
	}
}

func TestADeploymentIsNotHeldByADeviceThatLagsBehindOtherChanges(t *testing.T) {
	w := begin()
	w.device("a", labels.Set{"site": "north"})
	d := w.deployment("web", "site=north", "d1", 1)
	w.runs(t, w.writes()["a"])
	d.Deleting, d.Generation = true, 2
	w.SetDeployment(d)
	told := w.writes()["a"]
	if online, _ := w.Holding("web"); len(online) != 1 {
		t.Error("nobody holds it before the device has said that it is gone")
	}
	w.deployment("other", "site=north", "d2", 1)
	w.pass(pace)
	w.says("a", told.Order)
	w.writes()
	if online, _ := w.Holding("web"); len(online) != 0 {
		t.Errorf("held by %v", online)
	}
	w.Lead(1, 2, "")
	if online, _ := w.Holding("web"); len(online) != 1 {
		t.Error("a new leader does not wait for the word of the device")
	}
}

func TestADeviceIsWrittenAFewTimesInARowAndThenAtItsPace(t *testing.T) {
	w := begin()
	w.device("a", labels.Set{"site": "north"})
	d := w.deployment("web", "site=north", "d0", 1)
	wrote := func(content string) (first Order, times int) {
		d.Digest = content
		w.SetDeployment(d)
		writes, pending := w.Next(w.now, 10)
		if len(writes)+pending != 1 {
			t.Errorf("%s: wrote %v, %d are pending", content, writes, pending)
		}
		for _, one := range writes {
			if len(one.Entries) != 1 || one.Entries[0].Digest != content || !first.Less(one.Order) {
				t.Errorf("%s: wrote %+v", content, one)
			}
			first = one.Order
		}
		return first, len(writes)
	}
	var order Order
	for i := range burst {
		got, times := wrote(fmt.Sprint("d", i+1))
		if times != 1 || !order.Less(got) {
			t.Errorf("change %d was written %d times, as %v after %v", i+1, times, got, order)
		}
		order = got
	}
	all := 0
	for i := range 100 {
		_, times := wrote(fmt.Sprint("e", i))
		all += times
		w.pass(pace / 10)
	}
	if all < 9 || all > 11 {
		t.Errorf("in the time of ten writes it was written %d times", all)
	}
}

func TestANewTermWritesAllAgainFromNumberOne(t *testing.T) {
	w := begin()
	w.device("a", labels.Set{"site": "north"})
	w.runs(t, w.writes()["a"])
	w.Lead(1, 2, "")
	if again := w.writes()["a"]; again.Order != (Order{1, 2, 1}) {
		t.Errorf("wrote %+v", again)
	}
}

func TestADeviceThatHoldsAHigherTermMakesTheOperatorRaiseItsOwn(t *testing.T) {
	w := begin()
	w.device("a", nil)
	w.writes()
	for order, want := range map[Order]bool{{1, 7, 3}: true, {1, 1, 1}: false, {1, 1, 2}: true, {2, 9, 1}: false} {
		if _, stale := w.Report("a", Report{Instance: "one", Order: order}, w.now); stale != want {
			t.Errorf("%v: stale is %t", order, stale)
		}
	}
	if _, stale := w.Report("a", Report{Instance: "one", Order: Order{1, 7, 3}, Foreign: "another"}, w.now); stale {
		t.Error("the order of another plane counts")
	}
}

func TestAManifestOfAForgottenTermWithTheSameOrderMakesTheOperatorRaiseItsOwn(t *testing.T) {
	w := begin()
	w.device("a", nil)
	one := w.writes()["a"]
	for _, c := range []struct {
		name     string
		manifest contract.Digest
		want     bool
	}{
		{"its own", contract.DigestOf([]byte("ours")), false}, {"another", contract.DigestOf([]byte("forgotten")), true},
	} {
		w.Wrote(one, contract.DigestOf([]byte("ours")))
		if _, stale := w.Report("a", Report{Instance: "one", Order: one.Order, Manifest: c.manifest}, w.now); stale != c.want {
			t.Errorf("%s: stale is %t", c.name, stale)
		}
	}
}

func TestLabelsThatAreSeenForTheFirstTimeProveNothingYet(t *testing.T) {
	w := begin() // as after a restart, while a person writes labels anew
	w.deployment("web", "site=north", "d1", 3)
	w.device("a", labels.Set{})
	w.says("a", Order{}, Workload{UID: "web", Generation: 3, Digest: "d1", Phase: Running})
	if told := w.writes()["a"].Entries; len(told) != 0 {
		t.Errorf("it is told %+v", told)
	}
	w.pass(stableFor)
	if told := w.writes()["a"].Entries; len(told) != 1 || !told[0].Absent {
		t.Errorf("its labels are stable, and it is told %+v", told)
	}
}

func TestADeviceThatIsAheadIsCountedAsFailedAndToldNothingNew(t *testing.T) {
	w := begin()
	w.device("a", labels.Set{"site": "north"})
	d := w.deployment("web", "site=north", "d1", 1)
	first := w.writes()["a"]
	w.says("a", first.Order, Workload{UID: "web", Generation: 9, Digest: "d9", Phase: Ahead})
	w.writes()
	if c, _ := w.Count("web"); c.Counts.Failed != 1 || c.Failure.Code != "ahead" {
		t.Errorf("counted %+v", c)
	}
	if s := w.Summary(); len(s.Ahead) != 1 {
		t.Errorf("nobody is ahead: %+v", s)
	}
	w.pass(time.Hour)
	d.Digest, d.Generation, d.EntryGeneration = "d2", 2, 2
	w.SetDeployment(d)
	if again := w.writes(); len(again) != 0 {
		t.Errorf("it is told %v", again)
	}
	w.Lead(2, 2, "")
	if again := w.writes()["a"]; len(again.Entries) != 1 || again.Entries[0].Digest != "d2" {
		t.Errorf("in the next epoch it is told %+v", again)
	}
}

func TestTheLastErrorIsThatOfADeviceThatHasFailed(t *testing.T) {
	w := begin()
	for _, id := range []string{"a", "b"} {
		w.device(id, labels.Set{"site": "north"})
	}
	w.deployment("web", "site=north", "d1", 1)
	w.writes()
	for _, id := range []string{"a", "b"} {
		w.says(id, Order{}, Workload{UID: "web", Generation: 1, Digest: "d1", Phase: Failed, Code: "image-missing", Message: id})
	}
	if c, _ := w.Count("web"); c.Failure != (Failure{"b", "image-missing", "b"}) {
		t.Errorf("got %+v", c.Failure)
	}
	w.says("b", Order{}, Workload{UID: "web", Generation: 1, Digest: "d1", Phase: Running})
	if c, _ := w.Count("web"); c.Failure.Device != "a" {
		t.Errorf("got %+v", c.Failure)
	}
	w.DropDevice("a")
	if c, _ := w.Count("web"); c.Failure.Device != "" || c.Counts != (Counts{Matched: 1, Updated: 1, Ready: 1}) {
		t.Errorf("got %+v", c)
	}
}

func TestAnotherGraveIsAProofThoughTheyAreNoMoreThanBefore(t *testing.T) {
	w := begin()
	w.device("press-07", nil)
	w.SetGraves([]Grave{{"shop", "web", "one", 1}})
	w.says("press-07", w.writes()["press-07"].Order, Workload{UID: "two", Generation: 1, Digest: "d", Phase: Running})
	w.writes()
	w.pass(time.Minute)
	w.SetGraves([]Grave{{"shop", "web", "two", 1}})
	if told := w.writes()["press-07"].Entries; len(told) != 1 || !told[0].Absent {
		t.Errorf("told %+v", told)
	}
}
