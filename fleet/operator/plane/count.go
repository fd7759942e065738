// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package plane

import (
	"maps"
	"slices"
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
		c, updated, failure := counted(d, i)
		s.reclass(d, m, c, updated)
		if c == failed && m.of.failing[d] != failure {
			m.of.failing[d], m.of.last = failure, failure
			s.recount[m.of] = true
		}
	}
}

// counted is how a device is counted by the Deployment at that place among those that select it.
func counted(d *device, i int) (c class, updated bool, failure Failure) {
	c, updated, failure = classify(d, d.matches[i].of)
	if i >= most && c != offline {
		c, failure = failed, Failure{d.id, "too-many-deployments", "more Deployments select the device than it can take"}
	}
	return c, updated, failure
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

func classify(d *device, p *deployment) (c class, updated bool, failure Failure) {
	i := slices.IndexFunc(d.workloads, func(w Workload) bool { return w.UID == p.UID })
	if i >= 0 {
		updated = d.workloads[i].Digest == p.Digest && d.workloads[i].Phase != Removing && d.workloads[i].Phase != Unlisted
	}
	switch {
	case !d.online:
		return offline, updated, failure
	case d.foreign:
		return failed, false, Failure{d.id, "unknown-control-plane", "the device obeys another control plane"}
	case i < 0:
		return pending, false, failure
	}
	w := d.workloads[i]
	switch {
	case w.Phase == Ahead:
		return failed, false, Failure{d.id, orWord(w.Code, "ahead"), orWord(w.Message, "the device has a later generation than the control plane")}
	case !updated:
		return pending, false, failure
	case w.Phase == Running:
		return ready, true, failure
	case w.Phase == Failed || w.Phase == Degraded:
		return failed, true, Failure{d.id, orWord(w.Code, "failed"), w.Message}
	}
	return pending, true, failure
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
