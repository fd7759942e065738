// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package model

import (
	"slices"
	"time"

	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/operator/plane"
	"nationtech.io/harmony/fleet/operator/rollout"
)

const (
	roundLasts = 11 * time.Second // longer than a workload must be healthy
	rounds     = 60               // a healing takes no longer
)

// round lets all that can talk do what it does in some seconds.
func (w *world) round() {
	if len(w.living()) == 0 {
		w.lead()
	}
	w.pass(roundLasts)
	for _, o := range w.living() {
		o.watchDevices()
		o.watchDeployments()
		o.confirm()
		o.write()
	}
	w.flow()
	for _, b := range w.boxes {
		b.work(100, false)
		w.say(b)
	}
	w.flow()
	for _, o := range w.living() {
		o.say()
	}
}

// heal ends the faults, and checks what has become of all.
func (w *world) heal() {
	w.calm()
	w.settle()
	o := w.living()[0]
	n := o.state.Summary()
	for _, b := range w.boxes {
		if b.held.Plane == w.elsewhere && !slices.Contains(slices.Concat(n.Foreign, n.Duplicates), b.id) {
			w.t.Fatalf("%s obeys another control plane, and nothing says so", b.id)
		}
	}
	if len(w.boxes) > len(devices) {
		if double := w.boxes[len(devices)].id; !slices.Contains(n.Duplicates, double) {
			w.t.Fatalf("there are two of %s, and nothing says so: %+v", double, n)
		}
		w.boxes = w.boxes[:len(devices)]
		w.settle()
	}
	for _, id := range n.Ahead {
		if !w.restored && !slices.Contains(n.Foreign, id) {
			w.t.Fatalf("nothing was restored, and %s refuses what it is told: %+v", id, o.state.Views(nil))
		}
	}
	w.check(w.named())
	w.adopt()
	w.settle()
	if left := w.named(); len(left) > 0 {
		w.t.Fatalf("the epoch was raised, and these still do not follow: %v: %+v", left, w.living()[0].state.Views(nil))
	}
	w.check(nil)
}

// named are the devices of which a condition says that they do not follow.
func (w *world) named() []string {
	n := w.living()[0].state.Summary()
	return slices.Concat(n.Ahead, n.Foreign, n.Duplicates)
}

// calm has everything talk again. Of several operators the last one keeps the lease.
func (w *world) calm() {
	for i, o := range w.living() {
		o.dead = i < len(w.operators)-1
		o.api, o.nats = true, true
	}
	for _, b := range w.boxes {
		b.linked = true
		w.say(b)
	}
}

func (w *world) settle() {
	for i := range rounds {
		if i%20 == 0 {
			for _, b := range w.boxes {
				w.fetch(b)
			}
		}
		w.round()
	}
}

// check finds what is not as the API server says, but on devices that a condition names.
func (w *world) check(named []string) {
	o := w.living()[0]
	for _, name := range workloads {
		p, there := w.server.objects[name]
		if there && p.deleting {
			w.t.Fatalf("%s is not gone", name)
		}
		if there {
			w.checkOne(o, p, named)
		}
	}
	for _, b := range w.boxes {
		for uid := range b.runs {
			if w.server.gone[uid.String()] && !slices.Contains(named, b.id) {
				w.t.Fatalf("%s still runs %s, which was deleted", b.id, uid)
			}
		}
	}
}

// checkOne finds what is not as one Deployment asks for, and whether it is counted as it is.
func (w *world) checkOne(o *operator, p object, named []string) {
	uid, err := contract.ParseWorkloadUID(p.uid)
	if err != nil {
		w.t.Fatal(err)
	}
	reach, rolling := o.state.Reach(p.uid)
	all := !rolling || reach.Reason == rollout.Complete
	w.checkReason(p, reach, rolling, len(named) > 0)
	var want plane.Counts
	for _, b := range w.boxes {
		is, runs := b.runs[uid]
		content, amiss := is.Digest.String(), slices.Contains(named, b.id)
		if !w.server.selects(p, b.id) {
			// What has a later generation than was restored keeps running, unlisted: there is no proof against it.
			if held := b.held.Records[uid]; runs && !amiss && held.Generation <= p.generation {
				w.t.Fatalf("%s still runs %s, which does not select it: %+v", b.id, p.name, held)
			}
			continue
		}
		if all && !amiss && content != p.content {
			v, _ := o.state.View(b.id)
			w.t.Fatalf("%s runs %v, and %s asks for %s: %+v, held %+v, seen as %+v", b.id, is, p.name, p.content, reach, b.held, v)
		}
		want.Matched++
		w.count(&want, b, uid, p)
	}
	// Of devices that do not follow it is enough that they are not called ready.
	got, _ := o.state.Count(p.uid)
	if n := got.Counts; n != want && len(named) == 0 || n.Matched != want.Matched || n.Ready > want.Ready {
		w.t.Fatalf("%s is counted %+v, and is %+v: %+v", p.name, got.Counts, want, reach)
	}
}

// count counts a device that is online by what it does of what it is told. What it runs from before something was restored, and is
// told nothing of until a person resumes a rollout, is on its way, whether it works or not.
func (w *world) count(n *plane.Counts, b *box, uid contract.WorkloadUID, p object) {
	is, runs := b.runs[uid]
	held := b.held.Records[uid]
	runs = runs && held.Listed
	if b.held.Plane == w.elsewhere {
		n.Failed++
		return
	}
	if runs && is.Digest.String() == p.content {
		n.Updated++
	}
	switch {
	case held.Ahead, runs && w.bad[is.Digest.String()]:
		n.Failed++
	case runs && is.Digest.String() == p.content:
		n.Ready++
	default:
		n.Pending++
	}
}

// checkReason wants a rollout to have ended, or to say what a person has to do. It may wait for devices that do not follow.
func (w *world) checkReason(p object, reach plane.Reach, rolling, waits bool) {
	if rolling != (p.wish != nil) {
		w.t.Fatalf("%s is rolled out: %v, and a person wants: %v", p.name, rolling, p.wish)
	}
	if waits {
		return
	}
	switch reach.Reason {
	case "", rollout.Complete, rollout.Paused, rollout.Stopped, rollout.Reverted:
	case rollout.WaitsForRoom:
		if got, _ := w.living()[0].state.Count(p.uid); got.Counts.Failed == 0 {
			w.t.Fatalf("%s waits for room, and nothing has failed: %+v", p.name, reach)
		}
	default:
		w.t.Fatalf("%s does not end: %+v: %+v", p.name, reach, w.living()[0].state.Views(nil))
	}
}
