// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package plane

import (
	"cmp"
	"crypto/sha256"
	"slices"
	"strconv"
	"time"

	"nationtech.io/harmony/fleet/contract"
)

// most is how many Deployments a device can run. Those beyond, by namespace and name, are not told to it.
const most = contract.MaxPresent

// entries are what a device is told now, by namespace and name: the same state always gives the same entries.
func (s *State) entries(d *device, now time.Time) []Entry {
	var all []Entry
	for i := range d.matches {
		m := &d.matches[i]
		told := m.release()
		if m.of.Deleting || i >= most || told.Digest == "" {
			continue
		}
		e := Entry{Namespace: m.of.Namespace, Name: m.of.Name, UID: m.of.UID, Generation: told.Generation, Digest: told.Digest}
		switch w := d.workload(e.UID); {
		case w == nil || w.Phase != Ahead || d.acknowledged.Epoch < s.order.Epoch:
			m.held = nil
		case m.held == nil:
			m.held = &e
		default:
			e = *m.held
		}
		all = append(all, e)
	}
	for _, w := range d.workloads {
		if slices.ContainsFunc(all, func(e Entry) bool { return e.UID == w.UID }) {
			continue
		}
		if e, proved := s.absent(d, w, now); proved && len(all) < contract.MaxEntries {
			all = append(all, e)
		}
	}
	slices.SortFunc(all, func(a, b Entry) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name), cmp.Compare(a.UID, b.UID))
	})
	return all
}

// absent gives the entry that removes a workload which the device says it has and should not have, if there is proof.
func (s *State) absent(d *device, w Workload, now time.Time) (Entry, bool) {
	if g, gone := s.graves[w.UID]; gone {
		return Entry{g.Namespace, g.Name, g.UID, max(g.Generation, w.Generation), w.Digest, true}, true
	}
	p := s.deployments[w.UID]
	if p == nil {
		return Entry{}, false
	}
	e := Entry{p.Namespace, p.Name, p.UID, max(p.EntryGeneration, w.Generation), w.Digest, true}
	if p.Deleting {
		e.Generation = max(p.Generation, w.Generation)
		return e, true
	}
	if !s.unselected(d, w, now) {
		return e, false
	}
	if !slices.Contains(d.unwanted, w.UID) {
		s.doubted[d] = struct{}{}
		return e, false
	}
	return e, true
}

func (d *device) workload(uid string) *Workload {
	for i := range d.workloads {
		if d.workloads[i].UID == uid {
			return &d.workloads[i]
		}
	}
	return nil
}

// digest is of the entries alone: what is told, whenever it is told.
func digest(entries []Entry) [16]byte {
	var room [256]byte // enough for one entry: most devices have few
	all := room[:0]
	for _, e := range entries {
		for _, text := range []string{e.Namespace, "/", e.Name, " ", e.UID, " ", e.Digest, " "} {
			all = append(all, text...)
		}
		all = append(strconv.AppendBool(append(strconv.AppendInt(all, e.Generation, 10), ' '), e.Absent), '\n')
	}
	sum := sha256.Sum256(all)
	return [16]byte(sum[:16])
}

// Next gives the manifests to be written now, at most limit of them: of each device whose entries differ from what was
// written, at its pace. pending is how many wait for that. What was given counts as written
// until Unwritten says otherwise.
func (s *State) Next(now time.Time, limit int) (writes []Write, pending int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at(now)
	if s.order.Term == 0 {
		return nil, len(s.queue)
	}
	s.settle(now)
	var waiting []*device
	for i, d := range s.queue {
		if len(writes) == limit {
			waiting = append(waiting, s.queue[i:]...)
			break
		}
		if s.devices[d.id] != d || d.revoked {
			d.queued = false
			continue
		}
		if _, twice := s.duplicate[d]; twice || d.earned.Sub(now) > (burst-1)*pace {
			waiting = append(waiting, d)
			continue
		}
		d.queued = false
		if w, changed := s.write(d, now); changed {
			writes = append(writes, w)
		}
	}
	s.queue = waiting
	return writes, len(waiting)
}

func (s *State) write(d *device, now time.Time) (Write, bool) {
	entries := s.entries(d, now)
	content := digest(entries)
	if d.number != 0 && content == d.content {
		return Write{}, false
	}
	s.order.Number++
	s.wrote = now
	d.written, d.content, d.number, d.again, d.wrote = now, content, s.order.Number, 0, contract.Digest{}
	d.earned = later(d.earned, now).Add(pace)
	s.lagging[d] = struct{}{}
	for i := range d.matches {
		m := &d.matches[i]
		switch m.present = !m.of.Deleting && m.release().Digest != ""; {
		case m.present:
			m.without = 0
		case m.without == 0:
			m.without = s.order.Number
		}
	}
	return Write{d.id, s.order, s.adopts, entries, d.news(entries)}, true
}

// news are the contents that a device which is there will ask for, having been told these entries. One that has not reported may
// have them all.
func (d *device) news(entries []Entry) (digests []string) {
	if !d.online || !d.reported {
		return nil
	}
	for _, e := range entries {
		if w := d.workload(e.UID); !e.Absent && (w == nil || w.Digest != e.Digest) && !slices.Contains(digests, e.Digest) {
			digests = append(digests, e.Digest)
		}
	}
	return digests
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// settle writes the devices again whose labels have now been stable for long enough. It looks once in settleEvery: manifests are
// given to be written many times a second, and after a start all devices are looked at.
func (s *State) settle(now time.Time) {
	if since := now.Sub(s.settled); since >= 0 && since < settleEvery {
		return
	}
	s.settled = now
	for d := range s.settling {
		if now.Sub(d.changed) >= stableFor {
			delete(s.settling, d)
			s.enqueue(d)
		}
	}
}

// Wrote says what the digest of a manifest is, before it is sent. A device that holds its order with another digest has it from
// a term that the API server has forgotten.
func (s *State) Wrote(w Write, digest contract.Digest) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if d := s.devices[w.Device]; d != nil && d.number == w.Order.Number && s.order.Term == w.Order.Term {
		d.wrote = digest
	}
}

// Unwritten says that a manifest could not be written: it is tried again.
func (s *State) Unwritten(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if d := s.devices[id]; d != nil {
		d.number, d.content = 0, [16]byte{}
		delete(s.lagging, d)
		s.enqueue(d)
	}
}

// Manifest gives what was last written for a device. There is none while nothing was, or when something else is about
// to be: that will reach the device by itself.
func (s *State) Manifest(id string, now time.Time) (Write, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.heard(id)
	if d == nil || d.number == 0 {
		return Write{}, false
	}
	return s.current(d, now)
}

func (s *State) current(d *device, now time.Time) (Write, bool) {
	entries := s.entries(d, now)
	if digest(entries) != d.content {
		s.enqueue(d)
		return Write{}, false
	}
	order := s.order
	order.Number = d.number
	return Write{d.id, order, s.adopts, entries, nil}, true
}

// Names tells whether the current manifest of a device names that content.
func (s *State) Names(id, content string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.heard(id)
	if d == nil {
		return false
	}
	for i := range d.matches {
		m := &d.matches[i]
		if m.release().Digest == content && !m.of.Deleting || m.held != nil && m.held.Digest == content {
			return true
		}
	}
	return false
}

// Lagging gives the manifests to be sent again: of devices that are there and have not acknowledged them for a while, which doubles
// with each time. At most limit are given.
func (s *State) Lagging(now time.Time, limit int) (writes []Write) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for d := range s.lagging {
		wait := min(lag<<min(d.again, 10), maxLag)
		if len(writes) == limit {
			break
		}
		if _, twice := s.duplicate[d]; twice || !d.there() || now.Sub(d.written) < wait {
			continue
		}
		if w, ok := s.current(d, now); ok {
			d.written, d.again = now, d.again+1
			writes = append(writes, w)
		}
	}
	return writes
}

// untilHeard is how often a device that was not heard is sent its manifest again, as it was there for the leader before this one: for
// 21 s.
const untilHeard = 3

// there tells whether it makes sense to send something again to a device.
func (d *device) there() bool {
	return d.online || d.awaited && !d.reported && d.again < untilHeard
}
