// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package plane

import "time"

const (
	// claimsMost is how many higher orders one device may claim to hold in the life of a process. After a restore it claims one,
	// and two leaders at once make it a few; one that goes on lies, or is broken.
	claimsMost = 8
	// farthest is how far the term of such an order may be above ours. Terms rise by one with each leader, and by what a restore
	// of the cluster has lost; what is far above would use them up.
	farthest = 1 << 20
)

// floodedFor is for how long a device is said to flood after it last sent more than is read.
const floodedFor = time.Minute

// Flood takes that a device sends more than is read of it.
func (s *State) Flood(id string, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at(now)
	if d := s.devices[id]; d != nil {
		d.flooded = now
	}
}

// believes tells whether to raise the term above the order that a device claims to hold: every raise has the whole fleet
// written again, and no one device may have that done for ever.
func (s *State) believes(d *device, claimed Order) bool {
	switch {
	case claimed.Term-s.order.Term > farthest || d.claims >= claimsMost && claimed != d.claimed:
		d.incredible = true
	case claimed != d.claimed:
		d.claims++
		d.claimed = claimed
	}
	return !d.incredible
}
