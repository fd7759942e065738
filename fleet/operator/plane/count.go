// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package plane

import (
	"maps"
	"slices"

	"nationtech.io/harmony/fleet/operator/rollout"
)

// A class is how a device is counted by one Deployment.
type class uint8

const (
	none class = iota
	ready
	failed
	pending
	offline
	classes
)

func (s *State) recountDevice(d *device) {
	for i := range d.matches {
		m := &d.matches[i]
		s.follow(d, m)
		state, updated, failure := judged(d, i)
		s.stand(m, state)
		c := m.counts(state)
		s.reclass(d, m, c, updated)
		if c == failed && m.of.failing[d] != failure {
			m.of.failing[d], m.of.last = failure, failure
			s.recount[m.of] = true
		}
	}
}

// judged is what a device does with what it is told by the Deployment at that place among those that select it, and whether it
// has the newest release.
func judged(d *device, i int) (state rollout.State, updated bool, failure Failure) {
	state, updated, failure = judge(d, &d.matches[i])
	if i >= most && state != rollout.Offline {
		state, failure = rollout.Failed, Failure{d.id, "too-many-deployments", "more Deployments select the device than it can take"}
	}
	return state, updated, failure
}

// counts is how a device in that state is counted. One that is not told the newest release yet is on its way.
func (m *match) counts(state rollout.State) class {
	switch {
	case state == rollout.Offline:
		return offline
	case state == rollout.Failed:
		return failed
	case state == rollout.Ready && m.release().Digest == m.of.Digest:
		return ready
	}
	return pending
}

func (s *State) reclass(d *device, m *match, c class, updated bool) {
	p := m.of
	if c != failed {
		if _, was := p.failing[d]; was {
			delete(p.failing, d)
			if p.last.Device == d.id {
				p.last = another(p.failing)
			}
			s.recount[p] = true
		}
	}
	if m.class == c && m.updated == updated {
		return
	}
	p.counts[m.class]--
	p.counts[c]++
	if m.updated {
		p.updated--
	}
	if updated {
		p.updated++
	}
	m.class, m.updated = c, updated
	s.recount[p] = true
}

// another gives the failure of the first device by name.
func another(failing map[*device]Failure) Failure {
	var first Failure
	for f := range maps.Values(failing) {
		if first.Device == "" || f.Device < first.Device {
			first = f
		}
	}
	return first
}

func judge(d *device, m *match) (state rollout.State, updated bool, failure Failure) {
	w := d.workload(m.of.UID)
	has := func(digest string) bool {
		return w != nil && w.Digest == digest && w.Phase != Removing && w.Phase != Unlisted
	}
	updated = has(m.of.Digest)
	switch {
	case !d.online:
		return rollout.Offline, updated, failure
	case d.foreign != "":
		return rollout.Failed, false, Failure{d.id, "unknown-control-plane", "the device obeys another control plane"}
	case w == nil:
		return rollout.Pending, false, failure
	case w.Phase == Ahead:
		return rollout.Failed, false, Failure{d.id, orWord(w.Code, "ahead"), orWord(w.Message, "the device has a later generation than the control plane")}
	case !has(m.release().Digest):
		return rollout.Pending, updated, failure
	case w.Phase == Running:
		return rollout.Ready, updated, failure
	case w.Phase == Failed || w.Phase == Degraded:
		return rollout.Failed, updated, Failure{d.id, orWord(w.Code, "failed"), w.Message}
	}
	return rollout.Pending, updated, failure
}

func orWord(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// A Change is a Deployment whose counts, or whose own state, changed.
type Change struct {
	UID, Namespace, Name string
	Counts               Counts
	// Failure is the last error of a device that has failed; its Device is empty when none has.
	Failure Failure
}

// Changed gives the Deployments that changed since it was last asked, by UID.
func (s *State) Changed() []Change {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Change
	for p := range s.recount {
		all = append(all, p.change())
	}
	clear(s.recount)
	slices.SortFunc(all, func(a, b Change) int { return compare(a.UID, b.UID) })
	return all
}

// Count gives the counts of one Deployment; ok is false when it is not known.
func (s *State) Count(uid string) (c Change, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.deployments[uid]
	if p == nil {
		return Change{}, false
	}
	return p.change(), true
}

// Recount lets a Deployment be among the next that changed.
func (s *State) Recount(uid string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p := s.deployments[uid]; p != nil {
		s.recount[p] = true
	}
}

// Deployment gives what was told of one.
func (s *State) Deployment(uid string) (Deployment, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.deployments[uid]
	if p == nil {
		return Deployment{}, false
	}
	return p.Deployment, true
}

func (p *deployment) change() Change {
	return Change{p.UID, p.Namespace, p.Name, Counts{
		Matched: len(p.devices), Updated: p.updated, Ready: p.counts[ready], Failed: p.counts[failed],
		Pending: p.counts[pending], Offline: p.counts[offline],
	}, p.last}
}

func compare(a, b string) int {
	if a < b {
		return -1
	}
	if a > b {
		return 1
	}
	return 0
}
