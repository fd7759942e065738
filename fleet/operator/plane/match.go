// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package plane

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/labels"
)

// ProbeLabel marks devices that only a selector which names this label can match.
const ProbeLabel = "fleet.nationtech.io/probe"

// A match is a Deployment that selects a device, and how the device is counted there.
type match struct {
	of      *deployment
	class   class
	updated bool
	present bool   // the manifest that was last written has it
	without int64  // number of the first manifest that has it no longer; 0 when one has it, or none was written in this term
	held    *Entry // what the device keeps being told, while it is ahead of us
	stage   *stage // where the device stands in the rollout; nil when there is none
}

// SetDevice tells of a device and its labels, which are not changed afterwards.
func (s *State) SetDevice(id string, l labels.Set, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at(now)
	d := s.devices[id]
	switch {
	case d == nil:
		d = &device{id: id, changed: now} // before it was seen, its labels may have been anything
		s.devices[id] = d
	case maps.Equal(d.labels, l):
		return
	default:
		s.index.drop(d)
		d.changed, d.unwanted = now, nil
	}
	d.labels = l
	s.index.add(d)
	s.rematch(d)
	s.enqueue(d)
	s.settling[d] = struct{}{}
}

// DropDevice forgets a device that is enrolled no longer.
func (s *State) DropDevice(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.devices[id]
	if d == nil {
		return
	}
	for i := range d.matches {
		s.leave(d, &d.matches[i])
	}
	s.index.drop(d)
	delete(s.devices, id)
	delete(s.lagging, d)
	delete(s.settling, d)
	delete(s.doubted, d)
	delete(s.duplicate, d)
}

// SetGrants replaces who may target what.
func (s *State) SetGrants(grants []Grant) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := map[string][]labels.Selector{}
	for _, g := range grants {
		now[g.Namespace] = append(now[g.Namespace], g.Devices)
	}
	if maps.EqualFunc(s.grants, now, sameSelectors) {
		return
	}
	s.grants = now
	for _, d := range s.devices {
		d.unwanted = nil
		s.rematch(d)
	}
}

func sameSelectors(a, b []labels.Selector) bool {
	return slices.EqualFunc(a, b, func(a, b labels.Selector) bool { return a.String() == b.String() })
}

// SetDeployment tells of a Deployment, or of its change.
func (s *State) SetDeployment(now Deployment) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.deployments[now.UID]
	if p == nil {
		p = &deployment{Deployment: now, devices: map[*device]struct{}{}, failing: map[*device]Failure{}}
		s.deployments[now.UID] = p
		s.roll(p)
		s.index.addDeployment(p)
		s.choose(p)
		s.recount[p] = true
		s.holders(now.UID)
		return
	}
	before := p.Deployment
	if before.Selector.String() != now.Selector.String() {
		s.index.dropDeployment(p)
		s.doubt(now.UID)
		p.Deployment = now
		s.index.addDeployment(p)
		for d := range p.devices {
			s.rematch(d)
		}
		s.choose(p)
	}
	p.Deployment = now
	rolled := s.roll(p)
	if rolled || before.Digest != now.Digest || before.EntryGeneration != now.EntryGeneration || before.Deleting != now.Deleting {
		for d := range p.devices {
			s.enqueue(d)
			s.recountDevice(d)
		}
	}
	s.recount[p] = true
	if before.Generation != now.Generation || before.Deleting != now.Deleting {
		s.holders(now.UID)
	}
}

// holders looks again at the devices that say they have a Deployment, selected or not: there may be a proof now that they should
// not.
func (s *State) holders(uid string) {
	for _, d := range s.devices {
		if d.workload(uid) != nil {
			s.enqueue(d)
		}
	}
}

// DropDeployment forgets a Deployment that is gone.
func (s *State) DropDeployment(uid string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.deployments[uid]
	if p == nil {
		return
	}
	delete(s.deployments, uid)
	delete(s.rolled, p)
	s.index.dropDeployment(p)
	s.doubt(uid)
	for d := range p.devices {
		s.rematch(d)
	}
	s.holders(uid) // what was told for it may have lost its proof
	delete(s.recount, p)
	s.holders(uid)
}

// choose looks at the devices that a Deployment may match.
func (s *State) choose(p *deployment) {
	s.index.candidates(p.Selector, s.devices, func(d *device) {
		if _, has := p.devices[d]; !has && s.matches(d, p) {
			s.rematch(d)
		}
	})
}

// matches tells whether a Deployment selects a device that its namespace may target.
func (s *State) matches(d *device, p *deployment) bool {
	return s.deployments[p.UID] == p && s.selects(p.Namespace, p.Selector, d.labels)
}

// selects tells whether a selector of that namespace matches a device with those labels, and may target it.
func (s *State) selects(namespace string, selector labels.Selector, l labels.Set) bool {
	if selector.Empty() || !selector.Matches(l) {
		return false
	}
	if _, probe := l[ProbeLabel]; probe && !names(selector, ProbeLabel) {
		return false
	}
	return slices.ContainsFunc(s.grants[namespace], func(granted labels.Selector) bool { return granted.Matches(l) })
}

func names(s labels.Selector, label string) bool {
	requirements, _ := s.Requirements()
	return slices.ContainsFunc(requirements, func(r labels.Requirement) bool { return r.Key() == label })
}

// rematch finds the Deployments that select a device now.
func (s *State) rematch(d *device) {
	before := d.matches
	d.matches = nil
	s.index.selecting(d, func(p *deployment) {
		if !s.matches(d, p) {
			return
		}
		m := match{of: p}
		if i := slices.IndexFunc(before, func(b match) bool { return b.of == p }); i >= 0 {
			m = before[i]
		}
		d.matches = append(d.matches, m)
	})
	slices.SortFunc(d.matches, func(a, b match) int {
		return cmp.Or(cmp.Compare(a.of.Namespace, b.of.Namespace), cmp.Compare(a.of.Name, b.of.Name), cmp.Compare(a.of.UID, b.of.UID))
	})
	for i := range before {
		if !slices.ContainsFunc(d.matches, func(m match) bool { return m.of == before[i].of }) {
			s.leave(d, &before[i])
		}
	}
	for i := range d.matches {
		d.matches[i].of.devices[d] = struct{}{}
		s.enter(d, &d.matches[i])
	}
	s.recountDevice(d)
	s.enqueue(d)
}

// leave takes a device out of a Deployment's counts.
func (s *State) leave(d *device, m *match) {
	delete(m.of.devices, d)
	if m.of.rolls != nil {
		m.of.rolls.due = true
	}
	s.reclass(d, m, none, false)
	s.recount[m.of] = true
}
