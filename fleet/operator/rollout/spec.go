// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package rollout

import "time"

// A Size is a number of devices: a count, or a share of all that are matched. Zero is no limit.
type Size struct {
	Count   int
	Percent int // of all; rounded up, so that it is at least one
}

// of is the size among that many devices; -1 without a limit.
func (s Size) of(all int) int {
	switch {
	case s.Count > 0:
		return s.Count
	case s.Percent > 0:
		return max(1, (all*s.Percent+99)/100)
	}
	return -1
}

// A Spec is how a release reaches devices. The zero value tells all of them at once.
type Spec struct {
	// Batch is how many devices are told before all of them must be healthy; all when zero.
	Batch Size
	// MaxUnavailable is how many devices that are online and were told a release may be without a workload that is ready.
	// No device that is ready is told a new release beyond that; no limit when zero.
	MaxUnavailable Size
	// PauseAt is the share of told devices, in percent, at which the rollout stops when so many have failed; it goes on
	// whatever fails when zero.
	PauseAt int
	// HealthWindow is for how long a device must have been ready to be healthy.
	HealthWindow time.Duration
	// Deadline is after how long a device that is not ready yet has failed; never when zero.
	Deadline time.Duration
	// Revert tells all devices the release before, when the rollout stops because devices fail.
	Revert bool
	// Paused is said by a person: nobody else is told for now.
	Paused bool
}
