// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package plane

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/labels"
	"pgregory.net/rapid"

	"nationtech.io/harmony/fleet/agent/decide"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/operator/rollout"
)

// A rolling is a world with one Deployment, devices that decide as real ones do, and what an API server keeps of the rollout.
type rolling struct {
	*world
	plane    contract.PlaneID
	of       Deployment
	kept     Progress
	had      bool // kept counts
	term     int64
	devices  map[string]decide.State
	labels   map[string]labels.Set
	contents map[string]int // content by the number of its release
	phase    map[string]Phase
}

const rollingDevices = 6

var sites = []string{"north", "south"}

func bySite(n int) []labels.Selector {
	return []labels.Selector{labels.SelectorFromSet(labels.Set{"class": sites[n]})}
}

// Whatever people and devices do, and whenever the process ends: no device is moved to an older release than it had, unless the
// rollout says that it was reverted. And when devices do what they are told, it ends, with all on the newest, or with a reason.
func TestARolloutSendsNobodyBackAndEnds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := &rolling{
			plane: contract.NewPlaneID(), term: 1, devices: map[string]decide.State{}, labels: map[string]labels.Set{},
			contents: map[string]int{}, phase: map[string]Phase{},
		}
		for i := range rollingDevices {
			r.labels[fmt.Sprint("d", i)] = labels.Set{"class": sites[i%2]}
			r.devices[fmt.Sprint("d", i)] = decide.State{}
		}
		selector, err := labels.Parse("class")
		if err != nil {
			t.Fatal(err)
		}
		r.of = Deployment{Namespace: "shop", Name: "web", UID: contract.NewPlaneID().String(), Selector: selector}
		r.content()
		if rapid.Bool().Draw(t, "rolled from the start") {
			r.how(t)
		}
		r.restart()
		t.Repeat(map[string]func(*rapid.T){
			"release": func(*rapid.T) { r.content(); r.tell() },
			"another rollout": func(t *rapid.T) {
				r.how(t)
				r.tell()
			},
			"no rollout": func(*rapid.T) { r.of.Rollout = nil; r.tell() },
			"resume":     func(*rapid.T) { r.resume() },
			"labels": func(t *rapid.T) {
				id := anyOf(t)
				r.labels[id] = labels.Set{"class": rapid.SampledFrom(sites).Draw(t, "class")}
				r.device(id, r.labels[id])
			},
			"a good while":    func(t *rapid.T) { r.while(t, Running, rapid.IntRange(1, 6).Draw(t, "rounds")) },
			"a bad while":     func(t *rapid.T) { r.while(t, Failed, 1) },
			"step":            func(*rapid.T) { r.step(t, true) },
			"keep, and crash": func(t *rapid.T) { r.step(t, false); r.crash(t) },
			"crash":           func(t *rapid.T) { r.crash(t) },
			"write":           func(t *rapid.T) { r.write(t) },
			"do": func(t *rapid.T) {
				id := anyOf(t)
				r.phase[id] = rapid.SampledFrom([]Phase{Running, Running, Starting, Failed}).Draw(t, "phase")
				r.speak(t, []string{id})
			},
			"time": func(t *rapid.T) { r.pass(time.Duration(rapid.IntRange(1, 60).Draw(t, "seconds")) * time.Second) },
			"":     func(*rapid.T) {},
		})
		r.end(t)
	})
}

func anyOf(t *rapid.T) string {
	return fmt.Sprint("d", rapid.IntRange(0, rollingDevices-1).Draw(t, "device"))
}

// content asks for a release that never was.
func (r *rolling) content() {
	r.of.Generation++
	r.of.EntryGeneration = r.of.Generation
	r.of.Digest = contract.DigestOf(fmt.Append(nil, r.of.Generation)).String()
	r.contents[r.of.Digest] = int(r.of.Generation)
}

func (r *rolling) how(t *rapid.T) {
	size := func(of string) rollout.Size { return rollout.Size{Count: rapid.IntRange(0, 3).Draw(t, of)} }
	resume := int64(0)
	if r.of.Rollout != nil {
		resume = r.of.Rollout.Resume
	}
	r.of.Rollout = &Rollout{Order: bySite(rapid.IntRange(0, 1).Draw(t, "first")), Resume: resume, Spec: rollout.Spec{
		Batch: size("batch"), MaxUnavailable: size("unavailable"), PauseAt: rapid.SampledFrom([]int{0, 50}).Draw(t, "share"),
		Revert: rapid.Bool().Draw(t, "revert"), Paused: rapid.IntRange(0, 3).Draw(t, "paused") == 0, HealthWindow: 10 * time.Second,
	}}
	r.of.Generation++
}

func (r *rolling) resume() {
	if r.of.Rollout == nil {
		return
	}
	how := *r.of.Rollout
	how.Resume++
	r.of.Rollout = &how
	r.tell()
}

// tell tells the State of the Deployment, as the operator does that knows what it told before.
func (r *rolling) tell() {
	if r.of.Rollout == nil {
		r.had = false
	}
	if r.of.Rollout != nil {
		how := *r.of.Rollout
		if before, known := r.Deployment(r.of.UID); known {
			how.Start = Everyone(Release{before.Digest, before.EntryGeneration})
			if before.Rollout == nil {
				r.kept, r.had = how.Start, true // the status has no rollout, and the release
			}
		}
		r.of.Rollout = &how
	}
	r.SetDeployment(r.of)
}

// restart is a new process, which knows what is kept.
func (r *rolling) restart() {
	now := start
	if r.world != nil {
		now = r.now
	}
	r.world = begin()
	r.now = now
	r.term++
	r.Lead(1, r.term, "")
	for id, l := range r.labels {
		r.device(id, l)
	}
	if r.of.Rollout != nil {
		how := *r.of.Rollout
		how.Start = Progress{}
		if r.had {
			how.Start = r.kept
		}
		r.of.Rollout = &how
	}
	r.SetDeployment(r.of)
	if r.of.Rollout == nil {
		r.had = false
	}
}

// crash is a restart after which manifests are written before devices are heard, or not.
func (r *rolling) crash(t *rapid.T) {
	r.restart()
	if rapid.Bool().Draw(t, "written first") {
		r.write(t)
	}
	r.speak(t, nil)
}

// step takes steps, or only keeps them.
func (r *rolling) step(t *rapid.T, take bool) {
	for _, s := range r.Steps(r.now) {
		if s.Moves {
			r.kept, r.had = s.To, true
		}
		if take && !r.Take(s, r.now) {
			t.Fatal("a step is not taken")
		}
	}
}

// write has devices accept what is written for them.
func (r *rolling) write(t *rapid.T) {
	r.pass(pace)
	all := r.writes()
	for _, id := range slices.Sorted(maps.Keys(all)) {
		one := all[id]
		device, err := contract.ParseDeviceID(id)
		if err != nil {
			t.Fatal(err)
		}
		m := contract.Manifest{Plane: r.plane, Device: device, Order: contract.Order(one.Order)}
		for _, e := range one.Entries {
			uid, err := contract.ParseWorkloadUID(e.UID)
			if err != nil {
				t.Fatal(err)
			}
			digest, err := contract.ParseDigest(e.Digest)
			if err != nil || e.Absent {
				t.Fatalf("%s is told %+v: %v", id, e, err)
			}
			m.Deployments = append(m.Deployments, contract.Entry{Namespace: e.Namespace, Name: e.Name, UID: uid, Generation: e.Generation, Digest: digest, Want: contract.Present})
		}
		before := r.record(id)
		next, verdict := r.devices[id].Accept(m, contract.DigestOf(fmt.Append(nil, one)), contract.PlaneID{}, r.now)
		if verdict != decide.Accepted {
			t.Fatalf("%s says %s", id, verdict)
		}
		r.devices[id] = next
		if now := r.record(id); r.contents[now] < r.contents[before] && (r.of.Rollout == nil || r.kept.Position.Reverted == "" && !r.resumed()) {
			t.Fatalf("%s is moved from release %d to %d: %+v", id, r.contents[before], r.contents[now], r.kept)
		}
		r.phase[id] = Running
		r.speak(t, []string{id})
	}
}

// resumed tells whether the fleet was taken back, and has the older release still as the one that was finished.
func (r *rolling) resumed() bool {
	before := ReleaseOf(r.kept.Position.Before)
	return int(before.Generation) > r.contents[before.Digest]
}

// record is the content that a device holds to.
func (r *rolling) record(id string) string {
	for _, rec := range r.devices[id].Records {
		return rec.Digest.String()
	}
	return ""
}

// speak has devices report, all of them when none is named.
func (r *rolling) speak(t *rapid.T, who []string) {
	if who == nil {
		for i := range rollingDevices {
			who = append(who, fmt.Sprint("d", i))
		}
	}
	for _, id := range who {
		d := r.devices[id]
		report := Report{Instance: "one", Order: Order(d.Order)}
		for uid, rec := range d.Records {
			w := Workload{UID: uid.String(), Generation: rec.Generation, Digest: rec.Digest.String(), Phase: r.phase[id]}
			switch {
			case rec.Ahead:
				w.Phase = Ahead
			case !rec.Listed:
				w.Phase = Unlisted
			case w.Phase == "":
				w.Phase = Starting
			}
			report.Workloads = append(report.Workloads, w)
		}
		if _, stale := r.Report(id, report, r.now); stale {
			t.Fatalf("%s is stale", id)
		}
	}
}

// while lets devices do what they are told, in that phase, and the rollout go on.
func (r *rolling) while(t *rapid.T, phase Phase, rounds int) {
	for range rounds {
		r.step(t, true)
		r.write(t)
		for id := range r.devices {
			r.phase[id] = phase
		}
		r.speak(t, nil)
		r.pass(11 * time.Second)
		r.step(t, true)
	}
}

// end goes on until nothing moves any more.
func (r *rolling) end(t *rapid.T) {
	r.while(t, Running, 60)
	counts, _ := r.Count(r.of.UID)
	reach, ok := r.Reach(r.of.UID)
	if len(r.Summary().Ahead) > 0 {
		t.Fatalf("devices are ahead: %v: %+v, told %+v, device %+v", r.Summary().Ahead, r.kept, r.devices[r.Summary().Ahead[0]].Records, r.Views(nil)[0].Wants[0])
	}
	switch {
	case !ok || reach.Reason == rollout.Complete:
		if counts.Counts.Ready != rollingDevices {
			t.Fatalf("it ends with %+v: %+v", counts.Counts, reach)
		}
	case reach.Reason != rollout.Paused && reach.Reason != rollout.Stopped && reach.Reason != rollout.Reverted:
		t.Fatalf("it does not end: %+v", reach)
	}
}
