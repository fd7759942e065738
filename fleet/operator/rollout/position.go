// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package rollout

import "slices"

// A Layer is a release and the border up to which devices are told it.
type Layer struct {
	Release string `json:"release"`
	Told    Key    `json:"told,omitempty"`
}

// A Position is where the rollouts of one Deployment got to. The zero value is that of one which never had any.
type Position struct {
	// Layers are the releases that devices are told, the newest first. A device is told that of the first layer whose
	// border is not before it.
	Layers []Layer `json:"layers,omitempty"`
	// Opened is the end of the batch that is open, in the newest layer, and Batch its number, from 1.
	Opened Key `json:"opened,omitempty"`
	Batch  int `json:"batch,omitempty"`
	// Finished tells that the newest release was told to all, and that none was on its way any more.
	Finished bool `json:"finished,omitempty"`
	// Before is the last release that was finished before the newest; empty when none was.
	Before string `json:"before,omitempty"`
	// Forgiven is the border up to which devices may have failed, since a person has gone on in spite of them.
	Forgiven Key `json:"forgiven,omitempty"`
	// Stopped tells that too many devices failed. A person goes on with Resume, or with another release.
	Stopped bool `json:"stopped,omitempty"`
	// Reverted is the release that the fleet was taken back from. It is not begun again before Resume, or another one.
	Reverted string `json:"reverted,omitempty"`
}

// Tells is the release that a device with that key is told; empty when none is.
func (p Position) Tells(k Key) string {
	for _, l := range p.Layers {
		if k <= l.Told {
			return l.Release
		}
	}
	return ""
}

// Releases are all that devices are told, or may be taken back to: their contents must be kept.
func (p Position) Releases() (all []string) {
	for _, l := range p.Layers {
		all = append(all, l.Release)
	}
	if p.Before != "" && !slices.Contains(all, p.Before) {
		all = append(all, p.Before)
	}
	return all
}

// Resume goes on with a rollout that has stopped because devices failed. What has failed until now is forgiven: the
// open batch is told to the end, and what fails in the next one counts anew. One that was taken back begins anew.
func (p Position) Resume() Position {
	switch {
	case p.Reverted != "":
		p.Reverted, p.Stopped = "", false
	case p.Stopped:
		p = p.told(p.Opened)
		p.Stopped, p.Forgiven = false, p.Opened
	}
	return p
}

// turn begins with a release, if that is another than the newest layer's.
func (p Position) turn(release string) Position {
	if len(p.Layers) > 0 && p.Layers[0].Release == release || p.Reverted == release && release != "" {
		return p
	}
	next := Position{Layers: []Layer{{Release: release}}, Before: p.Before}
	if p.Finished {
		next.Before = p.Layers[0].Release
	}
	for _, l := range p.Layers {
		if l.Told != nobody {
			next.Layers = append(next.Layers, l)
		}
	}
	return next
}

// told moves the border of the newest layer, and forgets layers that nobody is told any more.
func (p Position) told(to Key) Position {
	layers := []Layer{{p.Layers[0].Release, max(to, p.Layers[0].Told)}}
	for _, l := range p.Layers[1:] {
		if l.Told > layers[len(layers)-1].Told {
			layers = append(layers, l)
		}
	}
	p.Layers = layers
	return p
}

// stop ends the rollout because devices fail; revert tells all of them the release before, if there is one.
func (p Position) stop(revert bool) Position {
	if revert && p.Before != "" && p.Before != p.Layers[0].Release {
		return Position{Layers: []Layer{{p.Before, everyone}}, Finished: true, Before: p.Before, Stopped: true, Reverted: p.Layers[0].Release}
	}
	p.Stopped = true
	return p
}
