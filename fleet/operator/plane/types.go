// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package plane

import (
	"time"

	"k8s.io/apimachinery/pkg/labels"

	"nationtech.io/harmony/fleet/contract"
)

// Order says which of two manifests is the later one: by epoch, then term, then number.
type Order struct{ Epoch, Term, Number int64 }

// Less tells whether o comes before other.
func (o Order) Less(other Order) bool {
	if o.Epoch != other.Epoch {
		return o.Epoch < other.Epoch
	}
	if o.Term != other.Term {
		return o.Term < other.Term
	}
	return o.Number < other.Number
}

// An Entry is what one device is told of one Deployment.
type Entry struct {
	Namespace, Name, UID string
	// Generation is that which last changed this entry.
	Generation int64
	Digest     string
	Absent     bool
}

// A Deployment as its object says it.
type Deployment struct {
	Namespace, Name, UID string
	// Generation is the object's; EntryGeneration is that in which Digest was first asked for.
	Generation, EntryGeneration int64
	Digest                      string
	Selector                    labels.Selector
	// Rollout is how its releases reach devices; without one, all are told at once.
	Rollout *Rollout
	// Deleting is true once the object has a deletion timestamp.
	Deleting bool
}

// A Grave is a Deployment that is gone.
type Grave struct {
	Namespace, Name, UID string
	Generation           int64
}

// A Grant lets a namespace target the devices that the selector matches.
type Grant struct {
	Namespace string
	Devices   labels.Selector
}

// A Phase is what a device says about one workload.
type Phase string

// The phases.
const (
	Pending  Phase = "Pending"
	Pulling  Phase = "Pulling"
	Starting Phase = "Starting"
	Running  Phase = "Running"
	Degraded Phase = "Degraded"
	Failed   Phase = "Failed"
	Removing Phase = "Removing"
	Unlisted Phase = "Unlisted"
	Ahead    Phase = "Ahead"
)

// A Workload is what a device says that it has of one Deployment.
type Workload struct {
	UID        string
	Generation int64
	Digest     string
	Phase      Phase
	// Code and Message are the last error; empty when there is none.
	Code, Message string
}

// A Finding is something amiss on a device that belongs to no workload, as the device says it.
type Finding struct{ Kind, Code, Message string }

// A Report is all that a device says about its state.
type Report struct {
	Instance string
	// Order is that of the last manifest that the device accepted, and Manifest its digest; zero when it has none.
	Order     Order
	Manifest  contract.Digest
	Workloads []Workload
	// Hash is what the heartbeats of the device call this report.
	Hash string
	// Foreign is the other control plane that the device obeys; empty when it obeys this one, or none yet.
	Foreign  string
	Findings []Finding
}

// Counts sorts the devices that a Deployment matches.
type Counts struct{ Matched, Updated, Ready, Failed, Pending, Offline int }

// A Failure is an error that a device reported.
type Failure struct{ Device, Code, Message string }

// A Write is a manifest to be written.
type Write struct {
	Device string
	Order  Order
	// Adopts is the control plane that devices are taken over from; empty when there is none.
	Adopts  string
	Entries []Entry
	// News are digests of contents which the device can be given before it asks for them: it has reported, and not that it has
	// them.
	News []string
}

const (
	// stableFor is for how long a device's labels must not have changed before not being selected is a proof.
	stableFor = time.Minute
	// settleEvery is how often is looked for which devices that is true by now.
	settleEvery = time.Second
	// A device is written once in pace on the average, and burst times in a row at most: what a person does by hand reaches it at
	// once, and what changes without end costs the same as what changes now and then.
	pace  = 2 * time.Second
	burst = 3
	// lag is how long a report may lag behind a manifest before the manifest is sent again; it doubles each time, up to maxLag.
	lag    = 3 * time.Second
	maxLag = 5 * time.Minute
)
