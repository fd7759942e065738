// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package plane

import (
	"testing"
	"time"
)

// Whoever looks at all devices asks more about some of them.
func TestAStateIsAskedWhileItsDevicesAreVisited(t *testing.T) {
	s := New()
	s.SetDevice("oven-1", nil, time.Now())
	visited := 0
	s.Presence(func(id string, online bool, _ time.Time) {
		if visited++; s.Online(id) != online || s.Revoked(id) {
			t.Errorf("%s is online: %v", id, online)
		}
	})
	if visited != 1 {
		t.Errorf("visited %d devices", visited)
	}
}
