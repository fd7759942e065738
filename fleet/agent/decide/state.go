// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package decide

import (
	"maps"
	"slices"
	"strings"
	"time"

	"nationtech.io/harmony/fleet/contract"
)

// Remembered is for how long a device remembers what it has removed, so that an older manifest does not bring it back. It is time
// in which the agent ran.
const Remembered = 90 * 24 * time.Hour

// A State is what a device holds to. It is on the disk before anything is done for it. A State is not changed: what
// changes it gives another.
type State struct {
	// Plane, Order and Manifest are those of the manifest that was accepted last; all zero before the first.
	Plane    contract.PlaneID `json:",omitzero"`
	Order    contract.Order
	Manifest contract.Digest `json:",omitzero"`
	Records  map[contract.WorkloadUID]Record
}

// A Record is what a device knows of one workload.
type Record struct {
	Namespace  string
	Name       string
	Generation int64
	// Epoch is that of the manifest that asked for Generation: in it, no lower one is obeyed. Zero until the next manifest when
	// it is not known, as of what was found on the device.
	Epoch  int64 `json:",omitzero"`
	Digest contract.Digest
	Want   contract.Want
	// Listed tells whether the manifest that was accepted last names it. One that is not listed keeps running.
	Listed bool
	// Ahead tells that the manifest asked for a generation below Generation, and was not obeyed in this.
	Ahead bool
	// Gone is when it was removed, by whatever the clock of the device showed; zero while it may be there.
	Gone time.Time
	// Age is for how long it has been gone, as the agent has counted.
	Age time.Duration `json:",omitzero"`
}

// InOrder gives the UIDs of all records by namespace, name and UID.
func (s State) InOrder() []contract.WorkloadUID {
	return slices.SortedFunc(maps.Keys(s.Records), func(a, b contract.WorkloadUID) int {
		x, y := s.Records[a], s.Records[b]
		return strings.Compare(x.Namespace+" "+x.Name+" "+a.String(), y.Namespace+" "+y.Name+" "+b.String())
	})
}

// Living gives the UIDs of those records, in order, that are not removed yet.
func (s State) Living() []contract.WorkloadUID {
	return slices.DeleteFunc(s.InOrder(), func(uid contract.WorkloadUID) bool { return !s.Records[uid].Gone.IsZero() })
}

// Reported gives the UIDs of those records, in order, that a report names: the living ones, and those that are ahead. What was
// removed is not there, and yet a control plane that asks for it again, and from before, must hear why it does not come.
func (s State) Reported() []contract.WorkloadUID {
	return slices.DeleteFunc(s.InOrder(), func(uid contract.WorkloadUID) bool {
		return !s.Records[uid].Gone.IsZero() && !s.Records[uid].Ahead
	})
}

// Removed notes that a workload which was wanted absent is gone.
func (s State) Removed(uid contract.WorkloadUID, now time.Time) State {
	r, known := s.Records[uid]
	if !known || r.Want != contract.Absent || !r.Gone.IsZero() {
		return s
	}
	r.Gone, r.Age = now, 0
	return s.with(uid, r)
}

// Remembers tells whether there is something that was removed and is not forgotten yet.
func (s State) Remembers() bool {
	for _, r := range s.Records {
		if !r.Gone.IsZero() {
			return true
		}
	}
	return false
}

// Aged lets time pass, and drops what was removed long enough ago. The time is what the agent has counted itself: the clock of a
// device may begin in 1970, and be set to any year.
func (s State) Aged(by time.Duration) State {
	next := s
	next.Records = maps.Clone(s.Records)
	for uid, r := range s.Records {
		if r.Gone.IsZero() {
			continue
		}
		if r.Age += by; r.Age > Remembered {
			delete(next.Records, uid)
		} else {
			next.Records[uid] = r
		}
	}
	return next
}

// Found takes in workloads that run on the device and that nothing is known of, as after the loss of the state file.
// They are kept, unlisted, until a manifest says otherwise.
func (s State) Found(uid contract.WorkloadUID, r Record) State {
	if _, known := s.Records[uid]; known {
		return s
	}
	r.Want, r.Listed, r.Ahead, r.Gone, r.Age = contract.Present, false, false, time.Time{}, 0
	return s.with(uid, r)
}

func (s State) with(uid contract.WorkloadUID, r Record) State {
	records := maps.Clone(s.Records)
	if records == nil {
		records = map[contract.WorkloadUID]Record{}
	}
	records[uid] = r
	s.Records = records
	return s
}
