// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package decide_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"nationtech.io/harmony/fleet/agent/decide"
	"nationtech.io/harmony/fleet/contract"
	"pgregory.net/rapid"
)

var (
	device = must(contract.ParseDeviceID("press-07"))
	home   = must(contract.ParsePlaneID("3f0c2a9e-5b1d-4c77-9a64-0d2b8e6f1a35"))
	away   = must(contract.ParsePlaneID("4f0c2a9e-5b1d-4c77-9a64-0d2b8e6f1a35"))
	none   = contract.PlaneID{}
	start  = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func uid(n int) contract.WorkloadUID {
	return must(contract.ParseWorkloadUID(fmt.Sprintf("%08x-1111-4222-8333-444455556666", n)))
}

func release(n int) contract.Digest { return contract.DigestOf([]byte{byte(n)}) }

func entry(n int, generation int64, want contract.Want) contract.Entry {
	return contract.Entry{Namespace: "shop", Name: fmt.Sprint("w", n), UID: uid(n), Generation: generation, Digest: release(n), Want: want}
}

func order(epoch, term, number int64) contract.Order {
	return contract.Order{Epoch: epoch, Term: term, Number: number}
}

func told(plane contract.PlaneID, o contract.Order, entries ...contract.Entry) contract.Manifest {
	return contract.Manifest{Plane: plane, Device: device, Order: o, Deployments: entries}
}

// tell gives the state after manifests that must all be accepted.
func tell(t *testing.T, s decide.State, manifests ...contract.Manifest) decide.State {
	t.Helper()
	for _, m := range manifests {
		next, verdict := accept(s, m)
		if verdict != decide.Accepted {
			t.Fatalf("%v is %s", m.Order, verdict)
		}
		s = next
	}
	return s
}

func accept(s decide.State, m contract.Manifest) (decide.State, decide.Verdict) {
	return s.Accept(m, contract.DigestOf(must(m.Encode())), none, start)
}

func TestOnlyAHigherOrderOfTheSamePlaneIsAccepted(t *testing.T) {
	held := tell(t, decide.State{}, told(home, order(2, 5, 9), entry(1, 3, contract.Present)))
	adopting := told(away, order(3, 1, 1))
	adopting.Adopts = home
	timid := told(away, order(2, 99, 1))
	timid.Adopts = home
	for name, c := range map[string]struct {
		m    contract.Manifest
		want decide.Verdict
	}{
		"the same again":                        {told(home, order(2, 5, 9), entry(1, 3, contract.Present)), decide.Same},
		"the same order with another content":   {told(home, order(2, 5, 9)), decide.Stale},
		"a lower number":                        {told(home, order(2, 5, 8)), decide.Stale},
		"a lower term with a higher number":     {told(home, order(2, 4, 99)), decide.Stale},
		"a lower epoch with a higher term":      {told(home, order(1, 99, 99)), decide.Stale},
		"a higher number":                       {told(home, order(2, 5, 10)), decide.Accepted},
		"a higher term from number 1":           {told(home, order(2, 6, 1)), decide.Accepted},
		"another plane":                         {told(away, order(9, 9, 9)), decide.UnknownPlane},
		"another plane that adopts":             {adopting, decide.Accepted},
		"another plane that adopts in no epoch": {timid, decide.UnknownPlane},
	} {
		next, verdict := accept(held, c.m)
		if verdict != c.want {
			t.Errorf("%s is %s, want %s", name, verdict, c.want)
		}
		if verdict != decide.Accepted && !cmp.Equal(next, held, exact) {
			t.Errorf("%s changed the state", name)
		}
		if next.Records[uid(1)].Want != contract.Present {
			t.Errorf("%s removed a workload", name)
		}
	}
	if _, verdict := held.Accept(adopting, contract.Digest{}, home, start); verdict != decide.UnknownPlane {
		t.Errorf("a device that is pinned to its plane is adopted: %s", verdict)
	}
}

var exact = cmp.AllowUnexported(contract.PlaneID{}, contract.Digest{}, contract.WorkloadUID{})

func TestWhatIsNotListedKeepsRunning(t *testing.T) {
	s := tell(t, decide.State{}, told(home, order(1, 1, 1), entry(1, 1, contract.Present)), told(home, order(1, 1, 2)))
	r := s.Records[uid(1)]
	if r.Listed || r.Want != contract.Present || len(s.Steps(nil)) != 1 || s.Steps(nil)[0].Task != decide.Update {
		t.Errorf("record %+v, steps %v", r, s.Steps(nil))
	}
}

func TestAListedOneReplacesAnUnlistedOneOfItsName(t *testing.T) {
	heir := entry(2, 1, contract.Present)
	heir.Name = "w1"
	s := tell(t, decide.State{}, told(home, order(1, 1, 1), entry(1, 7, contract.Present)), told(home, order(1, 1, 2), heir))
	want := []decide.Step{{Task: decide.Remove, UID: uid(1)}, {Task: decide.Update, UID: uid(2)}}
	if got := s.Steps(map[contract.WorkloadUID]decide.Actual{uid(1): {Digest: release(1), Whole: true}}); !cmp.Equal(got, want, exact) {
		t.Errorf("steps %v", got)
	}
}

func TestAnOlderGenerationIsRefusedInTheSameEpochOnly(t *testing.T) {
	held := tell(t, decide.State{}, told(home, order(1, 1, 1), entry(1, 5, contract.Present)))
	old := entry(1, 4, contract.Absent)
	restored := tell(t, held, told(home, order(1, 2, 1), old))
	if r := restored.Records[uid(1)]; !r.Ahead || r.Want != contract.Present || r.Generation != 5 {
		t.Errorf("a control plane from a backup: %+v", r)
	}
	adopted := tell(t, restored, told(home, order(2, 3, 1), old))
	if r := adopted.Records[uid(1)]; r.Ahead || r.Want != contract.Absent || r.Generation != 4 {
		t.Errorf("after a person has raised the epoch: %+v", r)
	}
}

func TestALaterEpochBindsNoEntryWheneverItComes(t *testing.T) {
	held := tell(t, decide.State{}, told(home, order(1, 1, 1), entry(1, 5, contract.Present)))
	old := entry(1, 4, contract.Present)
	raised := tell(t, held, told(home, order(2, 2, 1)), told(home, order(2, 2, 2), old)) // its turn in the rollout came late
	if r := raised.Records[uid(1)]; r.Ahead || r.Generation != 4 {
		t.Errorf("a person has raised the epoch: %+v", r)
	}
}

func TestWhatWasRemovedIsReportedWhenAnOlderGenerationIsAskedFor(t *testing.T) {
	gone := tell(t, decide.State{}, told(home, order(1, 1, 1), entry(1, 5, contract.Absent)))
	if all := gone.Reported(); len(all) != 0 {
		t.Errorf("what is gone is reported: %v", all)
	}
	restored := tell(t, gone, told(home, order(1, 2, 1), entry(1, 4, contract.Present)))
	if all := restored.Reported(); len(all) != 1 || !restored.Records[uid(1)].Ahead || len(restored.Steps(nil)) != 0 {
		t.Errorf("nobody hears why it does not come: %v, %+v", all, restored)
	}
}

func TestWhatIsFoundKeepsItsGeneration(t *testing.T) {
	found := decide.State{}.Found(uid(1), decide.Record{Namespace: "shop", Name: "w1", Generation: 5, Digest: release(2)})
	restored := tell(t, found, told(home, order(2, 2, 1), entry(1, 4, contract.Present)))
	if r := restored.Records[uid(1)]; !r.Ahead || r.Digest != release(2) {
		t.Errorf("it goes back after the loss of the state file: %+v", r)
	}
	raised := tell(t, restored, told(home, order(3, 3, 1), entry(1, 4, contract.Present)))
	if r := raised.Records[uid(1)]; r.Ahead || r.Generation != 4 {
		t.Errorf("a person has raised the epoch: %+v", r)
	}
}

func TestWhatWasRemovedDoesNotComeBackFor90Days(t *testing.T) {
	s := tell(t, decide.State{}, told(home, order(1, 1, 1), entry(1, 5, contract.Present)), told(home, order(1, 1, 2), entry(1, 6, contract.Absent)))
	if s.Steps(nil)[0] != (decide.Step{Task: decide.Remove, UID: uid(1)}) {
		t.Fatal(s.Steps(nil))
	}
	s = s.Removed(uid(1), time.Unix(0, 0)) // its clock is set later
	if !s.Remembers() {
		t.Error("it is not remembered")
	}
	if len(s.Steps(nil)) != 0 || len(s.Living()) != 0 {
		t.Errorf("what is gone is to be done: %v", s.Steps(nil))
	}
	old := tell(t, s.Aged(decide.Remembered/2).Aged(decide.Remembered/2), told(home, order(1, 2, 1), entry(1, 5, contract.Present)))
	if r := old.Records[uid(1)]; r.Want != contract.Absent || !r.Ahead {
		t.Errorf("an old manifest brings it back: %+v", r)
	}
	if later := s.Aged(decide.Remembered).Aged(time.Second); len(later.Records) != 0 || later.Remembers() {
		t.Errorf("it is remembered for ever: %v", later.Records)
	}
	if told := tell(t, s.Aged(decide.Remembered), told(home, order(1, 2, 1), entry(1, 6, contract.Absent))); len(told.Aged(time.Second).Records) != 0 {
		t.Errorf("what is told to be absent is remembered for ever: %v", told.Records)
	}
	back := tell(t, s, told(home, order(1, 2, 1), entry(1, 7, contract.Present)))
	if r := back.Records[uid(1)]; r.Want != contract.Present || !r.Gone.IsZero() {
		t.Errorf("a later generation does not bring it back: %+v", r)
	}
}

func TestWhatIsFoundOnADeviceWithoutStateIsKept(t *testing.T) {
	s := decide.State{}.Found(uid(1), decide.Record{Namespace: "shop", Name: "w1", Generation: 4, Digest: release(1)})
	if r := s.Records[uid(1)]; r.Want != contract.Present || r.Listed {
		t.Errorf("%+v", r)
	}
	if n := len(s.Steps(map[contract.WorkloadUID]decide.Actual{uid(1): {Digest: release(1), Whole: true}})); n != 0 {
		t.Errorf("%d steps for what runs", n)
	}
}

// Whatever is told in whatever order, nothing is removed without an entry that says so, or one that takes its place;
// the order never goes back, and a second pass has nothing to do.
func TestNothingIsRemovedWithoutProof(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := decide.State{}
		planes := []contract.PlaneID{home, away}
		for range rapid.IntRange(1, 30).Draw(t, "manifests") {
			m := anyManifest(t, planes)
			before := s
			next, verdict := accept(s, m)
			s = next
			if verdict == decide.Accepted && !before.Plane.IsZero() && m.Plane == before.Plane && s.Order.Compare(before.Order) <= 0 {
				t.Fatalf("from %v back to %v", before.Order, s.Order)
			}
			for id, r := range before.Records {
				now, kept := s.Records[id]
				if !kept {
					t.Fatalf("%s is forgotten", id)
				}
				if r.Want == contract.Present && now.Want == contract.Absent && !proved(m, id, now) {
					t.Fatalf("%s is to be removed, and the manifest says %v", id, m.Deployments)
				}
			}
			s = settle(s)
			if left := s.Steps(actual(s)); len(left) != 0 {
				t.Fatalf("a second pass does %v", left)
			}
		}
	})
}

func anyManifest(t *rapid.T, planes []contract.PlaneID) contract.Manifest {
	n := rapid.Int64Range(1, 3)
	m := told(rapid.SampledFrom(planes).Draw(t, "plane"), order(n.Draw(t, "epoch"), n.Draw(t, "term"), n.Draw(t, "number")))
	if other := rapid.SampledFrom(append(planes, none)).Draw(t, "adopts"); other != m.Plane {
		m.Adopts = other
	}
	names := map[string]bool{}
	m.Deployments = []contract.Entry{}
	for id := range 5 {
		if !rapid.Bool().Draw(t, "listed") {
			continue
		}
		e := entry(id, rapid.Int64Range(1, 4).Draw(t, "generation"), rapid.SampledFrom([]contract.Want{contract.Present, contract.Absent}).Draw(t, "want"))
		e.Name = rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "name")
		e.Digest = release(rapid.IntRange(0, 3).Draw(t, "release"))
		if e.Want == contract.Present && names[e.Name] {
			continue
		}
		names[e.Name] = names[e.Name] || e.Want == contract.Present
		m.Deployments = append(m.Deployments, e)
	}
	return m
}

func proved(m contract.Manifest, id contract.WorkloadUID, r decide.Record) bool {
	for _, e := range m.Deployments {
		if e.UID == id && e.Want == contract.Absent || e.UID != id && e.Want == contract.Present && e.Namespace == r.Namespace && e.Name == r.Name {
			return true
		}
	}
	return false
}

// settle does what is to be done.
func settle(s decide.State) decide.State {
	for _, step := range s.Steps(nil) {
		if step.Task == decide.Remove {
			s = s.Removed(step.UID, start)
		}
	}
	return s
}

// actual is a device on which all is done.
func actual(s decide.State) map[contract.WorkloadUID]decide.Actual {
	all := map[contract.WorkloadUID]decide.Actual{}
	for _, id := range s.Living() {
		all[id] = decide.Actual{Digest: s.Records[id].Digest, Whole: true}
	}
	return all
}
