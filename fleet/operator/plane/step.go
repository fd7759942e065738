// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package plane

import (
	"cmp"
	"reflect"
	"slices"
	"time"

	"nationtech.io/harmony/fleet/operator/rollout"
)

// A Step is where the rollout of a Deployment goes next.
type Step struct {
	UID, Namespace, Name string
	// Wanted is the release that the Deployment asks for.
	Wanted Release
	// To is where it goes. When it Moves, that must be kept before Take.
	To       Progress
	Moves    bool
	Standing rollout.Standing

	from    *rolls
	edition int // of the order that the devices were looked at in
	wish    Rollout
	devices []rollout.Device
}

// Steps gives where rollouts go: of those of which something has changed, or whose time has come. Each is to be given to
// Take, or to Again.
func (s *State) Steps(now time.Time) []Step {
	steps := s.due(now)
	for i := range steps {
		steps[i].decide(now)
	}
	return steps
}

// due looks at the rollouts that may go on.
func (s *State) due(now time.Time) (steps []Step) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at(now)
	for p := range s.rolled {
		r := p.rolls
		if wake := r.standing.Wake; !r.due && (wake.IsZero() || wake.After(now)) {
			continue
		}
		r.due = false
		step := Step{
			UID: p.UID, Namespace: p.Namespace, Name: p.Name, Wanted: p.wanted(),
			To: r.at, from: r, edition: r.edition, wish: *p.Rollout,
		}
		for d := range p.devices {
			at := d.match(p).stage
			step.devices = append(step.devices, rollout.Device{Key: at.key, State: at.state, Since: at.since})
		}
		steps = append(steps, step)
	}
	slices.SortFunc(steps, func(a, b Step) int { return cmp.Compare(a.UID, b.UID) })
	return steps
}

// decide asks where the rollout goes. A person's wish to resume counts for the release that it was said of.
func (s *Step) decide(now time.Time) {
	before, wanted := s.To, s.Wanted.String()
	at := before.Position
	if s.wish.Resume > before.Resumed {
		s.To.Resumed = s.wish.Resume
		if len(at.Layers) > 0 && at.Layers[0].Release == wanted || at.Reverted == wanted {
			at = at.Resume()
		}
	}
	at, s.Standing = rollout.Next(at, wanted, s.wish.Spec, s.devices, now)
	s.To.Position = risen(at)
	s.Moves = !reflect.DeepEqual(before, s.To)
}

// risen lets devices accept the release that they are taken back to: they refuse a generation below that which they had.
func risen(p rollout.Position) rollout.Position {
	if p.Reverted == "" {
		return p
	}
	back := ReleaseOf(p.Before)
	back.Generation = max(back.Generation, ReleaseOf(p.Reverted).Generation)
	if p.Before != back.String() {
		p.Layers = []rollout.Layer{{Release: back.String(), Told: p.Layers[0].Told}}
		p.Before = back.String()
	}
	return p
}

// Take goes a step, after it was kept: from now on devices are told what it says. It is false, and nothing happens, when the
// rollout has become another one meanwhile; then there are other Steps.
func (s *State) Take(step Step, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at(now)
	p := s.deployments[step.UID]
	if p == nil || p.rolls == nil || p.rolls != step.from || p.rolls.edition != step.edition {
		return false
	}
	r := p.rolls
	r.asked = r.due && r.asked // asked again meanwhile
	if r.standing != step.Standing {
		r.standing = step.Standing
		s.recount[p] = true
	}
	if !step.Moves {
		return true
	}
	r.set(step.To)
	r.due = true // of who is told something else now, something else is known
	s.recount[p] = true
	for d := range p.devices {
		s.recountDevice(d)
	}
	return true
}

// Again lets the rollout of a Deployment be among the next Steps.
func (s *State) Again(uid string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p := s.deployments[uid]; p != nil && p.rolls != nil {
		p.rolls.due = true
	}
}
