// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"time"

	"nationtech.io/harmony/fleet/contract"
)

// A Behaviour is the script of a device. The zero value is an obedient one.
type Behaviour struct {
	// Delay is how long what was fetched takes until it runs.
	Delay time.Duration
	// Fail is the code with which all that the device is told fails; nothing fails when it is empty.
	Fail string
	// Flap lets what runs fail and run again in turn, each for that long. It is looked at once a second.
	Flap time.Duration
	// Offline is when the device neither hears nor speaks. Its connection stays, for it may be that of others too. It then
	// says all again, and fetches, as after a new connection.
	Offline Span
	// Lie lets the device report what it was not told: a release that it does not have, and a workload that nobody asked for.
	Lie bool

	// With one of those that follow the device is hostile: it obeys nothing, and says this with each beat.

	// Garbage is no message at all, on each of its subjects.
	Garbage bool
	// Oversized is a heartbeat as large as the server lets through.
	Oversized bool
	// As is a device in whose name it reports, on its own subject and on that of the other.
	As contract.DeviceID
}

// A Span is a time of a device, from its start. The zero Span never is.
type Span struct{ From, To time.Duration }

func (b Behaviour) hostile() bool { return b.Garbage || b.Oversized || !b.As.IsZero() }

// fails gives the code with which all fails at that age of the device; empty when it runs.
func (b Behaviour) fails(age time.Duration) string {
	if b.Fail == "" && b.Flap > 0 && (age/b.Flap)%2 == 1 {
		return "flapping"
	}
	return b.Fail
}

func (b Behaviour) offline(age time.Duration) bool {
	return age >= b.Offline.From && age < b.Offline.To
}
