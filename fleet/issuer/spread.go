// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package issuer

import (
	"slices"
	"sync"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"

	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/issuer/registry"
)

// answer is that to an assertion.
type answer struct {
	*oidc.AccessTokenResponse
	// Spread is over how many seconds a fleet of this size comes back; absent for none.
	Spread int64 `json:"reconnect_spread,omitempty"`
}

// countEvery is how long the number of devices is taken for what it was.
const countEvery = time.Minute

// spread knows how many devices there are, and so over what time they come back.
type spread struct {
	registry *registry.Registry
	rate     int // connections that are let in each second; nothing is said when zero

	mu      sync.Mutex
	counted time.Time
	devices int
}

// seconds are those that all devices take to come back at once. They are half as many again as the callouts need: devices
// come at random, and where more come than are let in, some wait for longer than a server does, and come twice.
func (s *spread) seconds(now time.Time) int64 {
	if s.rate <= 0 {
		return 0
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if age := now.Sub(s.counted); age < 0 || age >= countEvery {
		s.counted = now
		if all, err := s.registry.Machines(); err == nil { // the number from before is as good
			s.devices = 0
			for _, m := range all {
				if m.Active() && slices.Contains(m.Roles, contract.RoleDevice) {
					s.devices++
				}
			}
		}
	}
	return int64(s.devices) * 3 / 2 / int64(s.rate)
}
