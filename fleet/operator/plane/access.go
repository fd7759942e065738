// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package plane

import "time"

// SetAccess says whether a device is revoked. One that is counts as offline, whatever it says: it is told nothing, and neither
// blocks nor fails a rollout. What it runs keeps running. It tells whether that has changed.
func (s *State) SetAccess(id string, revoked bool, now time.Time) (changed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at(now)
	d := s.devices[id]
	if d == nil || d.revoked == revoked {
		return false
	}
	d.revoked = revoked
	if revoked {
		d.online, d.turned = false, now
		delete(s.lagging, d)
		delete(s.duplicate, d)
	}
	s.recountDevice(d)
	s.enqueue(d)
	return true
}

// Revoked tells whether a device is enrolled, and revoked.
func (s *State) Revoked(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.devices[id]
	return d != nil && d.revoked
}

// AllRevoked gives the devices that are revoked, in no order.
func (s *State) AllRevoked() (ids []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, d := range s.devices {
		if d.revoked {
			ids = append(ids, id)
		}
	}
	return ids
}

// Flooding tells whether a device has sent more than is read of it lately.
func (s *State) Flooding(id string, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at(now)
	d := s.devices[id]
	return d != nil && s.flooding(d)
}

func (s *State) flooding(d *device) bool {
	return !d.flooded.IsZero() && s.now.Sub(d.flooded) < floodedFor
}

// Duplicate tells whether two processes speak for a device.
func (s *State) Duplicate(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, twice := s.duplicate[s.devices[id]]
	return twice
}

// heard gives a device that is to be heard: it is enrolled, and not revoked. It is nil otherwise.
func (s *State) heard(id string) *device {
	if d := s.devices[id]; d != nil && !d.revoked {
		return d
	}
	return nil
}
