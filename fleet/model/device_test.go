// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package model

import (
	"slices"
	"time"

	"nationtech.io/harmony/fleet/agent/decide"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/operator/plane"
)

// A box is one machine that calls itself by the name of a device. Two may do so: then a disk was cloned.
type box struct {
	*world
	id       string
	instance string
	held     decide.State // what its process holds to
	disk     decide.State // what the state file says
	runs     map[contract.WorkloadUID]decide.Record
	ran      map[contract.WorkloadUID]past
	linked   bool
	lost     bool // its state file, once
}

// take accepts a manifest, or not. With crash the process ends when that is decided, and not yet on the disk.
func (b *box) take(p parcel, crash bool) {
	next, verdict := b.held.Accept(p.manifest, p.digest, contract.PlaneID{}, b.now)
	switch {
	case crash:
		b.restart()
	case verdict == decide.Accepted:
		b.keep(next)
	}
}

func (b *box) keep(next decide.State) { b.held, b.disk = next, next }

// restart is a new process of the agent. What runs goes on running.
func (b *box) restart() {
	b.made++
	b.instance, b.held = time.Duration(b.made).String(), b.disk
	b.look()
}

// lose loses the state file. The agent looks at what runs before it hears of anything.
func (b *box) lose() {
	b.disk, b.lost = decide.State{}, true
	for uid := range b.ran {
		if _, runs := b.runs[uid]; !runs {
			delete(b.ran, uid) // it remembers no longer that it had it
		}
	}
	b.restart()
}

// look takes in what runs here and is not held to, as the labels of containers tell it.
func (b *box) look() {
	next := b.held
	for uid, r := range b.runs {
		next = next.Found(uid, r)
	}
	b.keep(next)
}

// work does what is to be done, at most that many steps of it. With crash the process ends before it has kept what it did last.
func (b *box) work(most int, crash bool) {
	for i, step := range b.held.Steps(b.actual()) {
		if i == most {
			break
		}
		r := b.held.Records[step.UID]
		if step.Task == decide.Update {
			b.run(step.UID, r)
			continue
		}
		b.stop(step.UID)
		if crash {
			b.restart()
			return
		}
		b.keep(b.held.Removed(step.UID, b.now))
	}
	for uid := range b.runs {
		if !b.held.Records[uid].Gone.IsZero() {
			b.stop(uid) // it came back without the agent, with the state of another one
		}
	}
}

func (b *box) actual() map[contract.WorkloadUID]decide.Actual {
	all := map[contract.WorkloadUID]decide.Actual{}
	for uid, r := range b.runs {
		all[uid] = decide.Actual{Digest: r.Digest, Whole: true}
	}
	return all
}

// run makes a release run, once its content is there.
func (b *box) run(uid contract.WorkloadUID, r decide.Record) {
	if b.linked && b.serves(b.id, r.Digest.String()) {
		b.mayRun(b, uid, r)
		b.runs[uid] = r
	}
}

func (b *box) stop(uid contract.WorkloadUID) {
	if _, runs := b.runs[uid]; runs {
		b.mayStop(b, uid)
		delete(b.runs, uid)
	}
}

// report is what the agent says.
func (b *box) report() plane.Report {
	r := plane.Report{Instance: b.instance, Order: plane.Order(b.held.Order), Manifest: b.held.Manifest}
	if !b.held.Plane.IsZero() && b.held.Plane != b.plane {
		r.Foreign = b.held.Plane.String()
	}
	for _, uid := range b.held.Reported() {
		held := b.held.Records[uid]
		r.Workloads = append(r.Workloads, plane.Workload{
			UID: uid.String(), Generation: held.Generation, Digest: held.Digest.String(), Phase: b.phase(uid, held),
		})
	}
	slices.SortFunc(r.Workloads, func(a, b plane.Workload) int { return compare(a.UID, b.UID) })
	r.Hash = hash(r)
	return r
}

func (b *box) phase(uid contract.WorkloadUID, held decide.Record) plane.Phase {
	is, runs := b.runs[uid]
	switch {
	case held.Ahead:
		return plane.Ahead
	case held.Want == contract.Absent:
		return plane.Removing
	case !runs || is.Digest != held.Digest:
		return plane.Starting
	case b.bad[is.Digest.String()]:
		return plane.Failed
	case !held.Listed:
		return plane.Unlisted
	}
	return plane.Running
}
