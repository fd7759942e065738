// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package plane

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/labels"

	"nationtech.io/harmony/fleet/operator/rollout"
)

// A Release is a content, and the generation with which devices are told it.
type Release struct {
	Digest     string
	Generation int64
}

// String is what a rollout.Position calls it.
func (r Release) String() string { return fmt.Sprintf("%d-%s", r.Generation, r.Digest) }

// ReleaseOf is the release that a rollout.Position means; zero for the empty name.
func ReleaseOf(name string) Release {
	generation, digest, _ := strings.Cut(name, "-")
	n, err := strconv.ParseInt(generation, 10, 64)
	if err != nil {
		return Release{}
	}
	return Release{digest, n}
}

// A Rollout is how the releases of a Deployment shall reach its devices.
type Rollout struct {
	Spec rollout.Spec
	// Order has the devices that go first: those of a selector before those of the next one, and before all others. A change
	// of it counts from the next rollout on, as what was told already was told in the order of this one.
	Order []labels.Selector
	// Resume is a number that a person raises to go on with a rollout that has stopped.
	Resume int64
	// Start is where it goes on from; it counts when the State does not know the rollout yet.
	Start Progress
}

// Progress is what must not be lost of a rollout. It must be kept before devices are told.
type Progress struct {
	Position rollout.Position
	// Order is that of Rollout which the position was reached in.
	Order []labels.Selector
	// Resumed is the last Resume that was obeyed.
	Resumed int64
}

// Everyone is the progress of a release that all devices were told at once.
func Everyone(r Release) Progress {
	at, _ := rollout.Next(rollout.Position{}, r.String(), rollout.Spec{}, nil, never)
	return Progress{Position: at}
}

// Digests are the contents that devices are told, or may be taken back to.
func (p Progress) Digests() (all []string) {
	for _, name := range p.Position.Releases() {
		all = append(all, ReleaseOf(name).Digest)
	}
	return all
}

// free tells whether no border of the position depends on the order of devices.
func (p Progress) free() bool { return len(p.Position.Layers) == 0 || p.Position.Finished }

// same compares orders.
func same(a, b []labels.Selector) bool {
	text := func(all []labels.Selector) (texts []string) {
		for _, s := range all {
			texts = append(texts, s.String())
		}
		return texts
	}
	return reflect.DeepEqual(text(a), text(b))
}

// A Reach is how far the rollout of a Deployment has come.
type Reach struct {
	Progress
	rollout.Standing
	// Shares are the releases that devices are told, the newest first, and how many are told each.
	Shares []Share
	// Asked is true until what a person has asked for last was looked at: the rest is of what was before.
	Asked bool
}

// A Share is how many devices are told a release.
type Share struct {
	Release
	Devices int
}

// Reach tells how far the rollout of a Deployment has come; ok is false when it has none, or it was not looked at yet.
func (s *State) Reach(uid string) (r Reach, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.deployments[uid]
	if p == nil || p.rolls == nil || p.rolls.standing.Reason == "" {
		return Reach{}, false
	}
	r = Reach{Progress: p.rolls.at, Standing: p.rolls.standing, Asked: p.rolls.asked}
	told := map[Release]int{}
	for d := range p.devices {
		told[d.match(p).stage.told]++
	}
	for _, l := range p.rolls.layers {
		r.Shares = append(r.Shares, Share{l.Release, told[l.Release]})
	}
	return r, true
}

// Digests are the contents that a Deployment asks for, and that its devices are told or may be taken back to.
func (s *State) Digests(uid string) (all []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.deployments[uid]
	if p == nil {
		return nil
	}
	if p.rolls != nil {
		all = p.rolls.at.Digests()
	}
	return append(all, p.Digest)
}
