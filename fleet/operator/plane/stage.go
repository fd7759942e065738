// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package plane

import (
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/labels"

	"nationtech.io/harmony/fleet/operator/rollout"
)

// never is a time before all others.
var never time.Time

// rolls is the rollout of one Deployment.
type rolls struct {
	at       Progress
	layers   []layer // those of the position
	standing rollout.Standing
	due      bool
	asked    bool // a person has asked for something else since the last step
	edition  int  // of the order of devices
}

type layer struct {
	Release
	told rollout.Key
}

// A stage is where one device stands in the rollout of one Deployment.
type stage struct {
	key   rollout.Key
	told  Release // zero while it is told nothing yet
	state rollout.State
	since time.Time
}

func (r *rolls) set(to Progress) {
	r.at, r.layers = to, nil
	for _, l := range to.Position.Layers {
		r.layers = append(r.layers, layer{ReleaseOf(l.Release), l.Told})
	}
}

// key is where a device stands in the order.
func (r *rolls) key(p *deployment, d *device) rollout.Key {
	class := slices.IndexFunc(r.at.Order, func(s labels.Selector) bool { return s.Matches(d.labels) })
	if class < 0 {
		class = len(r.at.Order)
	}
	return rollout.KeyOf(uint8(min(class, 255)), p.UID, d.id)
}

// tells is what a device with that key is told, which has that workload, if any. What it has already of a later release it
// keeps, wherever its labels put it meanwhile: nobody is sent back by an edit. If that release was overtaken since, and is told
// to nobody any more, the device is told the next newer one: it refuses a lower generation than its own.
func (r *rolls) tells(k rollout.Key, has *Workload) Release {
	at := slices.IndexFunc(r.layers, func(l layer) bool { return k <= l.told || has != nil && l.held(*has) })
	if at < 0 {
		at = len(r.layers)
	}
	for i := at; has != nil && i >= 0; i-- {
		if i < len(r.layers) && r.layers[i].Generation >= has.Generation {
			return r.layers[i].Release
		}
	}
	if at == len(r.layers) {
		return Release{}
	}
	return r.layers[at].Release
}

// held tells whether a workload is of this release, or was asked for again since. One that is ahead keeps being told it, or else
// it would be ahead, then unlisted, and then told it again.
func (r Release) held(w Workload) bool {
	return w.Digest == r.Digest && (w.Phase == Ahead || w.Generation >= r.Generation)
}

// roll takes on how a Deployment shall be rolled out. It tells whether that may change what devices are told.
func (s *State) roll(p *deployment) bool {
	switch wish := p.Rollout; {
	case wish == nil && p.rolls == nil:
		return false
	case wish == nil:
		p.rolls = nil
		delete(s.rolled, p)
	case p.rolls == nil:
		p.rolls = &rolls{}
		start := wish.Start
		if start.free() {
			start.Order = wish.Order
		}
		p.rolls.set(start)
		s.rolled[p] = struct{}{}
	case !p.rolls.at.free() || same(p.rolls.at.Order, wish.Order):
		p.rolls.due, p.rolls.asked = true, true
		return false
	default:
		p.rolls.at.Order = wish.Order
		p.rolls.edition++
	}
	for d := range p.devices {
		s.enter(d, d.match(p))
	}
	if p.rolls != nil {
		p.rolls.due, p.rolls.asked = true, true
	}
	return true
}

// enter finds the place of a device in the rollout of a Deployment that selects it.
func (s *State) enter(d *device, m *match) {
	r := m.of.rolls
	switch {
	case r == nil:
		m.stage = nil
		return
	case m.stage == nil:
		m.stage = &stage{since: s.now, state: rollout.Offline}
	}
	m.stage.key = r.key(m.of, d)
	r.due = true
}

// follow tells a device what the rollout says for it.
func (s *State) follow(d *device, m *match) {
	if m.stage == nil {
		return
	}
	if told := m.of.rolls.tells(m.stage.key, d.workload(m.of.UID)); told != m.stage.told {
		m.stage.told, m.stage.since = told, s.now
		m.of.rolls.due = true
		s.enqueue(d)
	}
}

// stand notes what a device does with what it is told.
func (s *State) stand(m *match, state rollout.State) {
	if m.stage != nil && m.stage.state != state {
		m.stage.state, m.stage.since = state, s.now
		m.of.rolls.due = true
	}
}

// release is what a device is told of a Deployment that selects it; zero while that is nothing.
func (m *match) release() Release {
	if m.stage != nil {
		return m.stage.told
	}
	return m.of.wanted()
}

func (p *deployment) wanted() Release { return Release{p.Digest, p.EntryGeneration} }

// match is that of a Deployment which selects the device.
func (d *device) match(p *deployment) *match {
	for i := range d.matches {
		if d.matches[i].of == p {
			return &d.matches[i]
		}
	}
	return nil
}

// at takes what time it is.
func (s *State) at(now time.Time) {
	if now.After(s.now) {
		s.now = now
	}
}
