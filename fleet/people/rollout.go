// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package people

// A Rollout is how far the newest release of a Deployment has come. Counts are of the devices that are told it; after a
// revert, of those that are told the release before.
type Rollout struct {
	// Reason says why it stands as it does. Its code is Begins, Complete, Paused, TooManyFailed, Reverted, BatchNotHealthy
	// or TooManyUnavailable.
	Reason Reason `json:"reason"`
	// Batch is the number of the one that is open, from 1; 0 before the first.
	Batch   int `json:"batch"`
	Told    int `json:"told"`
	Healthy int `json:"healthy"`
	Failed  int `json:"failed"`
	Offline int `json:"offline"`
	// Releases are those that devices are told, the newest first.
	Releases []RolloutRelease `json:"releases"`
}

// A RolloutRelease is how many devices are told a release.
type RolloutRelease struct {
	Release int64  `json:"release"`
	Digest  string `json:"digest"`
	Devices int    `json:"devices"`
}

// The codes of a Rollout's Reason for which it goes on by itself, and that of its end. With the others a person must act.
const (
	RolloutComplete      = "Complete"
	RolloutBegins        = "Begins"
	RolloutWaitsForBatch = "BatchNotHealthy"
	RolloutWaitsForRoom  = "TooManyUnavailable"
)

// GoesOn tells whether a rollout goes on without a person.
func (r Rollout) GoesOn() bool {
	return r.Reason.Code == RolloutBegins || r.Reason.Code == RolloutWaitsForBatch || r.Reason.Code == RolloutWaitsForRoom
}
