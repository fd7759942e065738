// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package rollout

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// A State is what a device does with the release that it is told.
type State uint8

// The states. Ready is not yet healthy: it must have been so for the health window.
const (
	Pending State = iota
	Ready
	Failed
	Offline // it says nothing; what runs there is not known, and it neither blocks nor fails
)

// A Device is one that the Deployment matches.
type Device struct {
	Key   Key
	State State
	// Since is when it came into the state, or was told the release, whichever is later.
	Since time.Time
}

// Standing says how a rollout stands, and why it waits.
type Standing struct {
	Reason
	Told, Healthy, Failed, Offline int // of those that are told the newest release, or that which all were taken back to
	heard, failing                 int // of those that count for whether it stops
	// Wake is when to look again though nothing changes; zero when that would tell nothing new.
	Wake time.Time
}

// A Reason is a word for why a rollout does not go on.
type Reason string

// The reasons.
const (
	Complete      Reason = "Complete"           // all devices are told, and none is on its way
	Paused        Reason = "Paused"             // a person said so
	Stopped       Reason = "TooManyFailed"      // so many devices failed that it stops
	Reverted      Reason = "Reverted"           // and all were taken back
	WaitsForBatch Reason = "BatchNotHealthy"    // the open batch is not healthy yet
	WaitsForRoom  Reason = "TooManyUnavailable" // no more devices may be without a workload that is ready
)

// Why says in a sentence why a rollout stands as it does. batch is the number of the one that is open.
func (s Standing) Why(batch int) string {
	told := fmt.Sprintf("%d of %d devices that are told it are healthy, %d failed, %d offline", s.Healthy, s.Told, s.Failed, s.Offline)
	switch s.Reason {
	case Complete:
		return "all devices are told the release: " + told
	case Paused:
		return "a person has paused it, and nobody else is told: " + told
	case Stopped:
		return "too many devices failed, and nobody else is told: " + told
	case Reverted:
		return "too many devices failed, and all are told the release before: " + told
	case WaitsForRoom:
		return fmt.Sprintf("batch %d waits, as no more devices may be without a workload that is ready: %s", batch, told)
	case WaitsForBatch:
		return fmt.Sprintf("batch %d is not healthy yet: %s", batch, told)
	}
	return told
}

// Next tells where the rollout of the release goes from a position. Devices are all that are matched, in any order,
// each in its state with what it is told by the position. It is called when devices, a state or the Spec change, and
// at Wake.
func Next(p Position, release string, spec Spec, devices []Device, now time.Time) (Position, Standing) {
	devices = slices.Clone(devices)
	slices.SortFunc(devices, func(a, b Device) int { return cmp.Compare(a.Key, b.Key) })
	p = p.turn(release)
	for {
		s := p.look(spec, devices, now)
		next, reason := p.step(s, spec, devices)
		if reason != "" {
			s.Reason = reason
			return next, s
		}
		begin(devices, p.Layers[0].Told, next.Layers[0].Told, now)
		p = next
	}
}

// step decides one thing. With a reason, that is where it ends for now.
func (p Position) step(s Standing, spec Spec, devices []Device) (Position, Reason) {
	told := p.Layers[0].Told
	switch {
	case p.Reverted != "":
		return p, Reverted
	case p.Finished:
		return p.told(everyone), Complete
	case p.Stopped:
		return p, Stopped
	case s.heard > 0 && spec.PauseAt > 0 && s.failing*100 >= spec.PauseAt*s.heard && s.failing > 0:
		if p = p.stop(spec.Revert); p.Reverted != "" {
			return p, Reverted
		}
		return p, Stopped
	case spec.Paused && told != everyone:
		return p, Paused
	case told == p.Opened && p.Batch > 0 && s.Healthy+s.Failed+s.Offline < s.Told:
		return p, WaitsForBatch
	case told == everyone:
		p.Finished = true
		return p, Complete
	case told == p.Opened:
		return p.open(spec, devices), ""
	}
	border := p.room(spec, devices)
	if border == told {
		return p, WaitsForRoom
	}
	return p.told(border), ""
}

// begin makes devices between two borders be on their way: what was said of them was said of another release.
func begin(devices []Device, from, to Key, now time.Time) {
	for i, d := range devices {
		if d.Key > from && d.Key <= to && d.State != Offline {
			devices[i].State, devices[i].Since = Pending, now
		}
	}
}

// look counts those that are told the newest release.
func (p Position) look(spec Spec, devices []Device, now time.Time) (s Standing) {
	for _, d := range devices {
		if d.Key > p.Layers[0].Told {
			break
		}
		s.Told++
		state, until := d.judged(spec, now)
		switch {
		case state == Offline:
			s.Offline++
		case state == Failed:
			s.Failed++
		case state == Ready && until.IsZero():
			s.Healthy++
		case !until.IsZero() && (s.Wake.IsZero() || until.Before(s.Wake)):
			s.Wake = until
		}
		if d.Key > p.Forgiven && state != Offline {
			s.heard++
			if state == Failed {
				s.failing++
			}
		}
	}
	return s
}

// judged is the state of a device now, and when that changes by itself; never when zero.
func (d Device) judged(spec Spec, now time.Time) (State, time.Time) {
	switch {
	case d.State == Ready && d.Since.Add(spec.HealthWindow).After(now):
		return Ready, d.Since.Add(spec.HealthWindow)
	case d.State == Pending && spec.Deadline > 0 && d.Since.Add(spec.Deadline).After(now):
		return Pending, d.Since.Add(spec.Deadline)
	case d.State == Pending && spec.Deadline > 0:
		return Failed, time.Time{}
	}
	return d.State, time.Time{}
}

// open begins the next batch. The last one is open to whoever comes later, too.
func (p Position) open(spec Spec, devices []Device) Position {
	first := slices.IndexFunc(devices, func(d Device) bool { return d.Key > p.Layers[0].Told })
	size := spec.Batch.of(len(devices))
	p.Batch++
	p.Opened = everyone
	if first >= 0 && size >= 0 && first+size < len(devices) {
		p.Opened = devices[first+size-1].Key
	}
	return p
}

// room is the border up to which devices may be told now.
func (p Position) room(spec Spec, devices []Device) Key {
	border, most := p.Layers[0].Told, spec.MaxUnavailable.of(len(devices))
	if most < 0 {
		return p.Opened
	}
	for _, d := range devices {
		if (d.State == Pending || d.State == Failed) && p.Tells(d.Key) != "" {
			most-- // one that is told nothing yet lacks nothing: others would wait for it, and it for them
		}
	}
	for _, d := range devices {
		switch {
		case d.Key <= p.Layers[0].Told:
			continue
		case d.Key > p.Opened:
			return p.Opened
		case d.State == Ready:
			most-- // it will not be, for a while
		}
		if d.State == Ready && most < 0 {
			return border
		}
		border = d.Key
	}
	return p.Opened
}
