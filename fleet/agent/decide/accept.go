// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package decide

import (
	"cmp"
	"maps"
	"time"

	"nationtech.io/harmony/fleet/contract"
)

// A Verdict is what becomes of a manifest.
type Verdict string

// The verdicts; there are no others.
const (
	Accepted     Verdict = "accepted"
	Same         Verdict = "same"          // it was accepted already
	Stale        Verdict = "stale"         // its order is not above the one that was accepted last
	UnknownPlane Verdict = "unknown plane" // its control plane is not the one that the device obeys
)

// Accept gives what a device holds to after a manifest, and what became of that. Unless it is accepted, that is the same
// as before. pinned is the only control plane to obey; zero when the first that speaks is obeyed.
func (s State) Accept(m contract.Manifest, digest contract.Digest, pinned contract.PlaneID, now time.Time) (State, Verdict) {
	if verdict := s.judge(m, digest, pinned); verdict != Accepted {
		return s, verdict
	}
	next := State{m.Plane, m.Order, digest, maps.Clone(s.Records)}
	if next.Records == nil {
		next.Records = map[contract.WorkloadUID]Record{}
	}
	for uid, r := range next.Records {
		r.Listed, r.Ahead, r.Epoch = false, false, cmp.Or(r.Epoch, s.Order.Epoch, m.Order.Epoch)
		next.Records[uid] = r
	}
	for _, e := range m.Deployments {
		next.take(e, m.Order.Epoch, now)
	}
	next.replace(m.Deployments)
	return next, Accepted
}

func (s State) judge(m contract.Manifest, digest contract.Digest, pinned contract.PlaneID) Verdict {
	switch {
	case !pinned.IsZero() && m.Plane != pinned:
		return UnknownPlane
	case s.Plane.IsZero():
		return Accepted
	case m.Plane != s.Plane:
		if m.Adopts == s.Plane && m.Order.Epoch > s.Order.Epoch {
			return Accepted
		}
		return UnknownPlane
	}
	switch m.Order.Compare(s.Order) {
	case 1:
		return Accepted
	case 0:
		if digest == s.Manifest {
			return Same
		}
	}
	return Stale
}

// take notes one entry. In a later epoch the recorded generation no longer binds, whenever it is that the entry comes: a person has
// said so.
func (s State) take(e contract.Entry, epoch int64, now time.Time) {
	r, known := s.Records[e.UID]
	if known && epoch <= r.Epoch && e.Generation < r.Generation {
		r.Listed, r.Ahead = true, true
		s.Records[e.UID] = r
		return
	}
	next := Record{Namespace: e.Namespace, Name: e.Name, Generation: e.Generation, Digest: e.Digest, Epoch: epoch, Want: e.Want, Listed: true}
	if e.Want == contract.Absent {
		next.Gone, next.Age = r.Gone, r.Age
		if !known {
			next.Gone = now // there is nothing to remove, and it must not come back by an older manifest
		}
	}
	s.Records[e.UID] = next
}

// replace lets what is listed and present take the place of what has its namespace and name and is not listed.
func (s State) replace(entries []contract.Entry) {
	taken := map[[2]string]contract.WorkloadUID{}
	for _, e := range entries {
		if r := s.Records[e.UID]; r.Want == contract.Present {
			taken[[2]string{r.Namespace, r.Name}] = e.UID
		}
	}
	for uid, r := range s.Records {
		by, ok := taken[[2]string{r.Namespace, r.Name}]
		if ok && by != uid && !r.Listed && r.Want == contract.Present {
			r.Want = contract.Absent
			s.Records[uid] = r
		}
	}
}
