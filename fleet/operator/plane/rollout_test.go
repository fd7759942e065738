// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package plane

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/labels"

	"nationtech.io/harmony/fleet/operator/rollout"
)

// rolled is a world in which n devices, d0 and so on, run content c1 of Deployment web.
func rolled(t *testing.T, n int) (*world, Deployment) {
	t.Helper()
	w := begin()
	for i := range n {
		w.device(fmt.Sprint("d", i), labels.Set{"site": "north", "class": fmt.Sprint(i % 2)})
	}
	d := w.deployment("web", "site=north", "c1", 1)
	w.obey(t)
	return w, d
}

// release asks for a content from a generation on, by a rollout.
func (w *world) release(d Deployment, digest string, generation int64, spec rollout.Spec) Deployment {
	before := Release{d.Digest, d.EntryGeneration}
	d.Digest, d.Generation, d.EntryGeneration = digest, generation, generation
	how := Rollout{Spec: spec, Start: Everyone(before)}
	if d.Rollout != nil {
		how.Order, how.Resume = d.Rollout.Order, d.Rollout.Resume
	}
	d.Rollout = &how
	w.SetDeployment(d)
	return d
}

// goOn takes steps until nothing moves, and gives how it stands.
func (w *world) goOn() rollout.Standing {
	for steps := w.Steps(w.now); len(steps) > 0; steps = w.Steps(w.now) {
		for _, s := range steps {
			w.Take(s, w.now)
		}
	}
	r, _ := w.Reach("web")
	return r.Standing
}

// obey lets all devices do what they are told, and gives the names of those that were written.
func (w *world) obey(t *testing.T) []string {
	t.Helper()
	w.pass(pace)
	all := w.writes()
	for _, one := range all {
		w.runs(t, one)
	}
	return slices.Sorted(maps.Keys(all))
}

// has gives how many devices are told a content, by what the State says of them.
func (w *world) has() map[string]int {
	told := map[string]int{}
	for _, v := range w.Views(nil) {
		told[v.Wants[0].Told.Digest]++
	}
	return told
}

func (w *world) reason(t *testing.T, want rollout.Reason) {
	t.Helper()
	if got := w.goOn(); got.Reason != want {
		t.Fatalf("it stands at %+v, want %s", got, want)
	}
}

func (w *world) tells(t *testing.T, want map[string]int) {
	t.Helper()
	if diff := cmp.Diff(want, w.has()); diff != "" {
		t.Fatalf("-want +told\n%s", diff)
	}
}

func two() rollout.Spec { return rollout.Spec{Batch: rollout.Size{Count: 2}, PauseAt: 50} }

func TestBatchesAreToldOneAfterTheOtherAndTheOthersAreNotWritten(t *testing.T) {
	w, d := rolled(t, 5)
	d = w.release(d, "c2", 2, two())
	if got := w.counts(t, "web"); got != (Counts{Matched: 5, Pending: 5}) {
		t.Errorf("before anybody is told: %+v", got)
	}
	if wrote := w.writes(); len(wrote) != 0 {
		t.Errorf("before a step is taken, wrote %v", wrote)
	}
	w.reason(t, rollout.WaitsForBatch)
	w.tells(t, map[string]int{"c1": 3, "c2": 2})
	if wrote := w.obey(t); len(wrote) != 2 {
		t.Errorf("wrote %v", wrote)
	}
	if got := w.counts(t, "web"); got != (Counts{Matched: 5, Updated: 2, Ready: 2, Pending: 3}) {
		t.Errorf("after the first batch: %+v", got)
	}
	w.reason(t, rollout.WaitsForBatch)
	w.tells(t, map[string]int{"c1": 1, "c2": 4})
	w.obey(t)
	w.reason(t, rollout.WaitsForBatch)
	w.obey(t)
	w.reason(t, rollout.Complete)
	w.tells(t, map[string]int{"c2": 5})
	if got, want := w.Digests("web"), []string{"c2", "c1", "c2"}; !slices.Equal(got, want) {
		t.Errorf("contents %v are kept, want %v", got, want)
	}
	if d.Digest != "c2" || w.Names("d0", "c1") || !w.Names("d0", "c2") {
		t.Error("a content is named that no device is told")
	}
}

func TestAPauseAndItsEndAndEditsWriteNoDeviceThatTheyDoNotConcern(t *testing.T) {
	w, d := rolled(t, 6)
	edit := func(what string, change func(*Rollout)) {
		t.Helper()
		how := *d.Rollout
		change(&how)
		d.Rollout, d.Generation = &how, d.Generation+1
		w.SetDeployment(d)
		w.goOn()
		if wrote := w.obey(t); len(wrote) != 0 {
			t.Errorf("%s: wrote %v", what, wrote)
		}
	}
	d = w.release(d, "c1", 1, rollout.Spec{})
	edit("a rollout where there was none", func(r *Rollout) { r.Spec = two() })
	edit("a pause", func(r *Rollout) { r.Spec.Paused = true })
	d = w.release(d, "c2", 4, d.Rollout.Spec)
	w.reason(t, rollout.Paused)
	edit("another size", func(r *Rollout) { r.Spec.Batch.Count = 3 })
	edit("another order", func(r *Rollout) { r.Order = []labels.Selector{labels.SelectorFromSet(labels.Set{"class": "1"})} })
	w.tells(t, map[string]int{"c1": 6})
	d.Rollout = &Rollout{Spec: two(), Order: d.Rollout.Order}
	w.SetDeployment(d)
	w.goOn()
	if wrote := w.obey(t); len(wrote) != 2 {
		t.Errorf("after the pause, wrote %v", wrote)
	}
}

func TestWithoutARolloutAnyMoreAllAreToldAtOnce(t *testing.T) {
	w, d := rolled(t, 5)
	d = w.release(d, "c2", 2, two())
	w.goOn()
	d.Rollout = nil
	w.SetDeployment(d)
	w.tells(t, map[string]int{"c2": 5})
	if wrote := w.obey(t); len(wrote) != 5 {
		t.Errorf("wrote %v", wrote)
	}
	if _, ok := w.Reach("web"); ok {
		t.Error("it still has a rollout")
	}
}

func TestTheFirstReleaseTellsNothingToThoseWhoseTurnHasNotCome(t *testing.T) {
	w := begin()
	for _, id := range []string{"a", "b", "c"} {
		w.device(id, labels.Set{"site": "north"})
		w.says(id, Order{})
	}
	d := w.deployment("other", "site=north", "c1", 1)
	d.Name, d.UID, d.Rollout = "web", "web", &Rollout{Spec: two()}
	w.SetDeployment(d)
	w.DropDeployment("other")
	w.goOn()
	w.tells(t, map[string]int{"": 1, "c1": 2})
	empty := 0
	for _, one := range w.writes() {
		if len(one.Entries) == 0 {
			empty++
		}
	}
	if got := w.counts(t, "web"); empty != 1 || got != (Counts{Matched: 3, Pending: 3}) {
		t.Errorf("%d devices are told nothing, counted %+v", empty, got)
	}
}

func TestTooManyFailuresTakeTheFleetBackWithAGenerationThatDevicesAccept(t *testing.T) {
	w, d := rolled(t, 4)
	spec := two()
	spec.Revert = true
	d = w.release(d, "c2", 2, spec)
	w.goOn()
	w.pass(pace)
	for _, one := range w.writes() {
		w.says(one.Device, one.Order, Workload{UID: "web", Generation: 2, Digest: "c2", Phase: Failed})
	}
	w.reason(t, rollout.Reverted)
	w.tells(t, map[string]int{"c1": 4})
	w.pass(pace)
	for id, one := range w.writes() {
		if e := one.Entries[0]; e.Digest != "c1" || e.Generation != 2 {
			t.Errorf("%s is taken back by %+v", id, e)
		}
		w.runs(t, one)
	}
	w.reason(t, rollout.Reverted)
	if got := w.counts(t, "web"); got != (Counts{Matched: 4, Pending: 4}) {
		t.Errorf("taken back: %+v", got)
	}
	how := *d.Rollout
	how.Resume++
	d.Rollout, d.Generation = &how, 3
	w.SetDeployment(d)
	w.reason(t, rollout.WaitsForBatch)
	w.tells(t, map[string]int{"c1": 2, "c2": 2})
}

func TestAWishToResumeIsObeyedOnceAndIsNotSavedForLater(t *testing.T) {
	w, d := rolled(t, 6)
	d = w.release(d, "c2", 2, two())
	fail := func() {
		w.goOn()
		w.pass(pace)
		for _, one := range w.writes() {
			w.says(one.Device, one.Order, Workload{UID: "web", Generation: one.Entries[0].Generation, Digest: one.Entries[0].Digest, Phase: Failed})
		}
	}
	resume := func(n int64) {
		how := *d.Rollout
		how.Resume = n
		d.Rollout = &how
		w.SetDeployment(d)
	}
	resume(1) // nothing has stopped yet
	fail()
	w.reason(t, rollout.Stopped)
	resume(1)
	w.reason(t, rollout.Stopped)
	resume(2)
	fail()
	w.tells(t, map[string]int{"c1": 2, "c2": 4})
	w.reason(t, rollout.Stopped)
	w.release(d, "c3", 3, two()) // another release is a way on, too
	w.reason(t, rollout.WaitsForBatch)
	w.tells(t, map[string]int{"c1": 2, "c2": 2, "c3": 2})
}

func TestARestartTellsEveryoneWhatTheyWereTold(t *testing.T) {
	w, d := rolled(t, 6)
	d = w.release(d, "c2", 2, two())
	w.goOn()
	w.obey(t)
	steps := w.Steps(w.now) // kept, and then the process ends before anybody is told
	d.Rollout.Start = steps[0].To
	again := begin()
	again.now = w.now
	again.Lead(1, 2, "")
	for _, v := range w.Views(nil) {
		again.device(v.ID, v.Labels)
	}
	again.SetDeployment(d)
	again.tells(t, map[string]int{"c1": 2, "c2": 4})
	again.obey(t)
	again.reason(t, rollout.WaitsForBatch)
}

func TestAnEditOfLabelsOrOfTheOrderSendsNobodyBack(t *testing.T) {
	w, d := rolled(t, 6)
	first := labels.SelectorFromSet(labels.Set{"class": "0"})
	d.Rollout = &Rollout{Order: []labels.Selector{first}}
	d = w.release(d, "c2", 2, two())
	w.goOn()
	w.obey(t)
	for _, v := range w.Views(nil) {
		if v.Wants[0].Told.Digest == "c2" {
			if v.Labels["class"] != "0" {
				t.Errorf("%s was told before its turn", v.ID)
			}
			w.device(v.ID, labels.Set{"site": "north", "class": "1"})
		}
	}
	w.tells(t, map[string]int{"c1": 4, "c2": 2})
	how := *d.Rollout
	how.Order = []labels.Selector{labels.SelectorFromSet(labels.Set{"class": "1"})}
	d.Rollout, d.Generation = &how, 3
	w.SetDeployment(d)
	w.tells(t, map[string]int{"c1": 4, "c2": 2})
	for range 4 {
		w.goOn()
		w.obey(t)
	}
	w.reason(t, rollout.Complete)
	w.release(d, "c3", 4, two())
	w.goOn()
	for _, v := range w.Views(nil) {
		if v.Wants[0].Told.Digest == "c3" && v.Labels["class"] != "1" {
			t.Errorf("the next rollout does not have the new order: %s", v.ID)
		}
	}
}

func TestAStepOfAnotherOrderIsNotTaken(t *testing.T) {
	w, d := rolled(t, 4)
	d = w.release(d, "c2", 2, two())
	steps := w.Steps(w.now)
	d.Rollout = &Rollout{Spec: two(), Order: []labels.Selector{labels.SelectorFromSet(labels.Set{"class": "1"})}}
	w.SetDeployment(d)
	if w.Take(steps[0], w.now) {
		t.Error("it is taken")
	}
	w.tells(t, map[string]int{"c1": 4})
	w.reason(t, rollout.WaitsForBatch)
}

func TestTheOperatorsOwnSilenceFailsNoDevice(t *testing.T) {
	w, d := rolled(t, 4)
	spec := two()
	spec.Deadline = time.Minute
	w.release(d, "c2", 2, spec)
	w.reason(t, rollout.WaitsForBatch)
	w.pass(time.Hour)
	w.Excuse(w.now)
	w.reason(t, rollout.WaitsForBatch)
	w.pass(time.Minute)
	for i := range 4 {
		w.Heartbeat(fmt.Sprint("d", i), "one", "", w.now)
	}
	w.reason(t, rollout.Stopped)
}

func TestADeviceThatRunsANewerReleaseAlreadyIsToldThat(t *testing.T) {
	w, d := rolled(t, 4)
	w.release(d, "c2", 3, two())
	w.goOn()
	w.obey(t)
	for _, v := range w.Views(nil) {
		if v.Wants[0].Told.Digest == "c1" {
			w.says(v.ID, Order{1, 1, 99}, Workload{UID: "web", Generation: 2, Digest: "c2", Phase: Ahead})
			break
		}
	}
	w.tells(t, map[string]int{"c1": 1, "c2": 3})
	w.pass(pace)
	for _, one := range w.writes() {
		if e := one.Entries[0]; e.Generation != 3 || e.Digest != "c2" {
			t.Errorf("it is told %+v", e)
		}
	}
	r, _ := w.Reach("web")
	if diff := cmp.Diff([]Share{{Release{"c2", 3}, 3}, {Release{"c1", 1}, 1}}, r.Shares); diff != "" {
		t.Error(diff)
	}
}

// It had a release that was overtaken, and labels that have moved it; the process was started anew, and told it less before it
// was heard.
func TestADeviceThatRefusesWhatAnEditMadeOfItIsToldTheNextNewerRelease(t *testing.T) {
	w, d := rolled(t, 4)
	w.release(d, "c3", 3, two())
	w.goOn()
	w.obey(t)
	for _, v := range w.Views(nil) {
		if v.Wants[0].Told.Digest == "c1" {
			w.says(v.ID, Order{1, 1, 99}, Workload{UID: "web", Generation: 2, Digest: "c2", Phase: Ahead})
			break
		}
	}
	w.pass(pace)
	wrote := w.writes()
	for _, one := range wrote {
		if e := one.Entries[0]; e.Generation != 3 || e.Digest != "c3" {
			t.Errorf("it is told %+v", e)
		}
	}
	if len(wrote) != 1 {
		t.Errorf("wrote %v", wrote)
	}
}
