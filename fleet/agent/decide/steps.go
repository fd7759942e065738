// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package decide

import "nationtech.io/harmony/fleet/contract"

// An Actual is what is on a device of one workload.
type Actual struct {
	// Digest is that of the release that is there.
	Digest contract.Digest
	// Whole tells whether all of the release is there and is as it should be.
	Whole bool
}

// A Task is what is to be done about one workload.
type Task string

// The tasks; there are no others.
const (
	Remove Task = "remove" // stop it and take it away; its named volumes stay
	Update Task = "update" // make it run the release of its record
)

// A Step is a task for one workload.
type Step struct {
	Task Task
	UID  contract.WorkloadUID
}

// Steps gives what is to be done, in order: removals first, which free names and ports for what comes. When all is as
// it should be there are none.
func (s State) Steps(actual map[contract.WorkloadUID]Actual) []Step {
	var removals, updates []Step
	for _, uid := range s.Living() {
		r := s.Records[uid]
		a, there := actual[uid]
		switch {
		case r.Want == contract.Absent:
			removals = append(removals, Step{Remove, uid})
		case !there || a.Digest != r.Digest || !a.Whole:
			updates = append(updates, Step{Update, uid})
		}
	}
	return append(removals, updates...)
}
