// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package agent

import "nationtech.io/harmony/fleet/contract"

// recent remembers the last requests, as many as it has room for.
type recent struct {
	known map[contract.RequestID]bool
	ring  []contract.RequestID
	next  int
}

func newRecent(room int) *recent {
	return &recent{known: map[contract.RequestID]bool{}, ring: make([]contract.RequestID, room)}
}

// add tells whether the request is new, and remembers it in place of the oldest.
func (r *recent) add(request contract.RequestID) bool {
	if r.known[request] {
		return false
	}
	delete(r.known, r.ring[r.next])
	r.ring[r.next], r.known[request] = request, true
	r.next = (r.next + 1) % len(r.ring)
	return true
}
