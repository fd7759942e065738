// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package plane

import (
	"cmp"
	"slices"
	"time"
)

const (
	// offlineAfter is for how long a device is not heard of before it counts as offline: three of its heartbeats, which are 10 s
	// apart unless its configuration says otherwise.
	offlineAfter = 35 * time.Second
	// twiceFor is for how long two processes of one device are a finding after both were heard.
	twiceFor = 2 * time.Minute
)

// Await says whether a device was online when that was last written down. A new leader waits for the word of those: of one that
// was offline before it knows no less than anybody did.
func (s *State) Await(id string, online bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if d := s.devices[id]; d != nil {
		d.awaited = online
	}
}

// Known tells whether a device is enrolled.
func (s *State) Known(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.devices[id] != nil
}

// Report takes what a device says that it has. It gives the order that the device holds, and whether that did not come from
// this control plane in its term although it is not below what this has written: then the term must be raised above it. A device
// that goes on claiming so is not believed.
func (s *State) Report(id string, r Report, now time.Time) (stale Order, isStale bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at(now)
	d := s.heard(id)
	if d == nil {
		return Order{}, false
	}
	s.alive(d, r.Instance, now)
	d.reported, d.hash, d.foreign, d.acknowledged = true, r.Hash, r.Foreign, r.Order
	d.findings = r.Findings
	if changed := !slices.Equal(d.workloads, r.Workloads); changed {
		d.workloads = s.interned(r.Workloads)
		for i := range d.matches {
			s.follow(d, &d.matches[i])
		}
		// Asked for at once, for it holds what an Ahead must go on being told.
		if entries := s.entries(d, now); d.number == 0 || digest(entries) != d.content {
			s.enqueue(d)
		}
	}
	current := s.order
	current.Number = d.number
	another := r.Order == current && d.wrote != r.Manifest && !d.wrote.IsZero()
	if d.number != 0 && !r.Order.Less(current) && !another {
		delete(s.lagging, d)
	}
	s.recountDevice(d)
	foreign := r.Foreign != "" || s.order.Term == 0 || r.Order.Epoch != s.order.Epoch
	above := !foreign && (r.Order.Term > s.order.Term || d.number != 0 && current.Less(r.Order) || another)
	return r.Order, above && s.believes(d, r.Order)
}

// interned shares the texts that the Deployments have already: most devices say the same.
func (s *State) interned(workloads []Workload) []Workload {
	all := slices.Clone(workloads)
	for i := range all {
		if p := s.deployments[all[i].UID]; p != nil {
			all[i].UID = p.UID
			if all[i].Digest == p.Digest {
				all[i].Digest = p.Digest
			}
		}
	}
	return all
}

// Heartbeat takes that a device lives. known is false while its report has not been heard in the life of this process, or
// when a second heartbeat names another report than was heard: then the device must be asked for it. The first may be ahead of
// its report, which comes by another way and waits longer while many report. A device whose manifest is on its way is not asked
// either: it reports when it has that. Else a new leader would ask a whole fleet twice.
func (s *State) Heartbeat(id, instance, hash string, now time.Time) (known bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at(now)
	d := s.heard(id)
	if d == nil {
		return true
	}
	same := d.instance == instance
	s.alive(d, instance, now)
	switch {
	case !d.reported:
		return s.underWay(d, now)
	case !same:
		return false
	case hash == "" || hash == d.hash:
		return true
	}
	first := d.missing != hash
	d.missing = hash
	return first
}

// underWay tells whether a manifest is on its way to a device: it was written just now, or waits while others are written.
func (s *State) underWay(d *device, now time.Time) bool {
	if _, twice := s.duplicate[d]; twice {
		return false
	}
	return d.queued && now.Sub(s.wrote) < lag || d.number != 0 && now.Sub(d.written) < lag
}

func (s *State) alive(d *device, instance string, now time.Time) {
	if d.instance != instance {
		if instance == d.previous && now.Sub(d.seen) < offlineAfter {
			s.duplicate[d] = now
		}
		d.previous, d.instance = d.instance, instance
	}
	d.seen = now
	if !d.online {
		d.online, d.turned = true, now
		s.recountDevice(d)
	}
}

// Sweep finds who is offline by now.
func (s *State) Sweep(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at(now)
	for _, d := range s.devices {
		if d.online && now.Sub(d.seen) > offlineAfter {
			d.online, d.turned = false, now
			s.recountDevice(d)
		}
	}
	for d, at := range s.duplicate {
		if now.Sub(at) > twiceFor {
			delete(s.duplicate, d)
			s.enqueue(d)
		}
	}
}

// Excuse takes the silence of devices for nothing, while the control plane itself cannot hear. The time that devices have to
// become ready, and to stay so, begins anew.
func (s *State) Excuse(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at(now)
	for _, d := range s.devices {
		if d.online {
			d.seen = now
		}
		for _, m := range d.matches {
			if m.stage != nil {
				m.stage.since = now
				m.of.rolls.due = true
			}
		}
	}
}

// A Summary is a fleet in numbers.
type Summary struct {
	Devices, Online int
	// Revoked devices are counted among all Devices, and nowhere else.
	Revoked int
	// Unheard are devices that have not reported in the life of this process, and Awaited those of them that were online when
	// that was last written down.
	Unheard, Awaited int
	// Unwritten are devices that nothing was written for in this term, and for which it can be. Unacknowledged manifests were written,
	// and devices that are online have not acknowledged them.
	Unwritten, Unacknowledged int
	// Duplicates are devices that two processes speak for.
	Duplicates []string
	// Ahead and Foreign are devices that hold a later state, and that obey another control plane.
	Ahead, Foreign []string
}

// Summary counts the fleet. Lists name 20 devices at most.
func (s *State) Summary() Summary {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := Summary{Devices: len(s.devices)}
	for _, d := range s.devices {
		if d.revoked {
			all.Revoked++
			continue
		}
		if d.online {
			all.Online++
		}
		if _, twice := s.duplicate[d]; d.number == 0 && !twice {
			all.Unwritten++
		}
		if !d.reported {
			all.Unheard++
			if d.awaited {
				all.Awaited++
			}
		}
		if d.foreign != "" {
			all.Foreign = append(all.Foreign, d.id)
		}
		if s.ahead(d) {
			all.Ahead = append(all.Ahead, d.id)
		}
	}
	for d := range s.lagging {
		if d.online {
			all.Unacknowledged++
		}
	}
	for d := range s.duplicate {
		all.Duplicates = append(all.Duplicates, d.id)
	}
	for _, list := range []*[]string{&all.Duplicates, &all.Ahead, &all.Foreign} {
		slices.Sort(*list)
		*list = (*list)[:min(len(*list), 20)]
	}
	return all
}

// Online tells whether a device is heard of.
func (s *State) Online(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.devices[id]
	return d != nil && d.online
}

// Presence calls visit for every device, with whether it is online and since when; that is zero for one that was never heard.
// What visit asks is how it is by then.
func (s *State) Presence(visit func(id string, online bool, since time.Time)) {
	type presence struct {
		id     string
		online bool
		since  time.Time
	}
	s.mu.Lock()
	all := make([]presence, 0, len(s.devices))
	for id, d := range s.devices {
		all = append(all, presence{id, d.online, d.turned})
	}
	s.mu.Unlock()
	for _, p := range all {
		visit(p.id, p.online, p.since)
	}
}

// Holding lists the devices that may still have what a Deployment asked for: those that say so, and those that it selects
// and that have not acknowledged a manifest without it. Of those that were not heard in the life of this process nobody knows.
func (s *State) Holding(uid string) (online, offline []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.deployments[uid]
	for id, d := range s.devices {
		if !s.holds(d, p, uid) {
			continue
		}
		if d.online {
			online = append(online, id)
		} else {
			offline = append(offline, id)
		}
	}
	slices.Sort(online)
	slices.Sort(offline)
	return online, offline
}

func (s *State) holds(d *device, p *deployment, uid string) bool {
	if d.workload(uid) != nil {
		return true
	}
	if p == nil {
		return false
	}
	i := slices.IndexFunc(d.matches, func(m match) bool { return m.of == p })
	if i < 0 {
		return false
	}
	// It may lag behind later manifests, which have it no more than this one: a fleet that changes all the time must not hold it.
	without := s.order
	without.Number = cmp.Or(d.matches[i].without, d.number)
	return d.matches[i].present || !d.reported || d.number == 0 || d.acknowledged.Less(without)
}
