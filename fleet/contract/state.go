// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"
)

const (
	// MaxReport is the largest report of state or inventory in bytes.
	MaxReport = DevicePayloadLimit
	// MaxReported is how many workloads a report names at most: those that are listed, and as many again that are not.
	MaxReported = 2 * MaxPresent
	// MaxFindings is how many findings a report has at most.
	MaxFindings = 16

	stateType = "state/1"
)

// Phase is how a workload stands on a device.
type Phase string

// The phases; there are no others.
const (
	Pending  Phase = "Pending"  // known, and nothing has been done yet, or its content is not here
	Pulling  Phase = "Pulling"  // its images are being fetched
	Starting Phase = "Starting" // its init containers run, or its services come up
	Running  Phase = "Running"  // every service runs, and is healthy if it says how
	Degraded Phase = "Degraded" // a service that did run does not, is not healthy, or nobody can tell; it is being tried again
	Failed   Phase = "Failed"   // it could not be started; it is tried again, with growing pauses
	Removing Phase = "Removing" // it is being stopped and taken away
	Unlisted Phase = "Unlisted" // it runs, and the manifest does not list it: nobody said that it is unwanted
	Ahead    Phase = "Ahead"    // the device has a later generation than the manifest: the older one was refused
)

func (p Phase) valid() bool {
	return slices.Contains([]Phase{Pending, Pulling, Starting, Running, Degraded, Failed, Removing, Unlisted, Ahead}, p)
}

// A Workload is what a device has of one Deployment.
type Workload struct {
	Namespace string      `json:"namespace"`
	Name      string      `json:"name"`
	UID       WorkloadUID `json:"uid"`
	// Generation and Digest are those that the device holds to; what runs may still be the release before.
	Generation int64  `json:"generation"`
	Digest     Digest `json:"digest"`
	Want       Want   `json:"want"`
	Phase      Phase  `json:"phase"`
	// Code and Message are the last error, or empty: a code such as "HRM0802", and text for a person on one line, 256 bytes at most.
	Code    string `json:"code,omitempty"`
	Message string `json:"message,omitempty"`
	// Restarts counts how often its services ended and were started again, as podman counts, since they were made.
	Restarts int64 `json:"restarts,omitempty"`
	// Since is when Phase last changed, in whole seconds UTC, by the device's clock.
	Since time.Time `json:"since"`
}

// FindingKind is what a device found amiss that belongs to no workload.
type FindingKind string

// The kinds; agents of another release may use others.
const (
	FindingStale    FindingKind = "Stale"               // a manifest came that is not above the order that the device has
	FindingPlane    FindingKind = "UnknownControlPlane" // a manifest came from a control plane that the device does not obey
	FindingRefused  FindingKind = "ManifestRefused"     // a manifest came that cannot be read
	FindingRuntime  FindingKind = "RuntimeUnavailable"  // podman does not answer, or there is none
	FindingState    FindingKind = "StateNotKept"        // the state file could not be written: nothing new is done
	FindingLost     FindingKind = "StateLost"           // the state file could not be read and was put aside
	FindingClock    FindingKind = "ClockJumped"         // the clock was set by more than a minute
	FindingDoubtful FindingKind = "DuplicateIdentity"   // another agent speaks for this device
)

// A Finding is something amiss on a device.
type Finding struct {
	Kind FindingKind `json:"kind"`
	// Plane is the other control plane, with UnknownControlPlane; else nil.
	Plane *PlaneID `json:"plane,omitempty"`
	// Code is as in Workload; Message is text for a person, 256 bytes at most.
	Code    string    `json:"code"`
	Message string    `json:"message"`
	Since   time.Time `json:"since"` // in whole seconds UTC
}

// State is all that a device says about what runs on it.
type State struct {
	Device   DeviceID
	Instance InstanceID
	// Machine tells machines apart that call themselves by one name: 32 hexadecimal digits, or empty when it cannot be told.
	Machine      string
	AgentVersion string
	// Plane is the control plane that the device obeys, and Order and Manifest the manifest that it holds to;
	// all zero while it has accepted none.
	Plane     PlaneID
	Order     Order
	Manifest  Digest
	Workloads []Workload // each UID once; Encode puts them in order
	Findings  []Finding
}

type stateWire struct {
	Type         string     `json:"type"`
	Device       DeviceID   `json:"device"`
	Instance     InstanceID `json:"instance"`
	Machine      string     `json:"machine,omitempty"`
	AgentVersion string     `json:"agent_version"`
	Held         *heldWire  `json:"held,omitempty"`
	Workloads    []Workload `json:"workloads"`
	Findings     []Finding  `json:"findings"`
}

type heldWire struct {
	Plane    PlaneID `json:"plane"`
	Epoch    int64   `json:"epoch"`
	Term     int64   `json:"term"`
	Number   int64   `json:"number"`
	Manifest Digest  `json:"manifest"`
}

// Encode gives the report as it goes over the wire. Messages are cut, and all of them more if the report would be too
// large. Its error is a *Refusal: what Encode gives, DecodeState accepts.
func (s State) Encode() ([]byte, error) {
	var bad error
	for _, limit := range []int{maxNote, maxNote / 4, 0} {
		w := s.wire(limit)
		if r := s.with(w).complete(); r != nil {
			return nil, r
		}
		data, err := encode(w, MaxReport)
		if err == nil {
			return data, nil
		}
		bad = err
	}
	return nil, bad
}

func (s State) wire(limit int) stateWire {
	w := stateWire{
		Type: stateType, Device: s.Device, Instance: s.Instance, Machine: s.Machine, AgentVersion: s.AgentVersion,
		Workloads: append([]Workload{}, s.Workloads...), Findings: append([]Finding{}, s.Findings...),
	}
	if !s.Plane.IsZero() {
		w.Held = &heldWire{s.Plane, s.Order.Epoch, s.Order.Term, s.Order.Number, s.Manifest}
	}
	for i := range w.Workloads {
		w.Workloads[i].Message = note(w.Workloads[i].Message, limit)
		w.Workloads[i].Since = w.Workloads[i].Since.UTC().Truncate(time.Second)
	}
	for i := range w.Findings {
		w.Findings[i].Message = note(w.Findings[i].Message, max(limit, maxNote/16))
		w.Findings[i].Since = w.Findings[i].Since.UTC().Truncate(time.Second)
	}
	slices.SortFunc(w.Workloads, compareWorkloads)
	return w
}

// with gives the state that w says, of which s is what it was made from.
func (s State) with(w stateWire) State {
	s.Workloads, s.Findings = w.Workloads, w.Findings
	return s
}

// DecodeState reads the report of that device. Its error is a *Refusal.
func DecodeState(data []byte, device DeviceID) (State, error) {
	var w stateWire
	if r := decode(data, MaxReport, &w); r != nil {
		return State{}, r
	}
	if w.Type != stateType {
		return State{}, refuse(CodeWrongType, "type %.60q, this reads %q", w.Type, stateType)
	}
	s := State{Device: w.Device, Instance: w.Instance, Machine: w.Machine, AgentVersion: w.AgentVersion, Workloads: w.Workloads, Findings: w.Findings}
	if h := w.Held; h != nil {
		s.Plane, s.Order, s.Manifest = h.Plane, Order{h.Epoch, h.Term, h.Number}, h.Manifest
	}
	if w.Workloads == nil || w.Findings == nil || w.Held != nil && s.Plane.IsZero() {
		return State{}, refuse(CodeMalformed, "workloads and findings are required, and plane within held")
	}
	if r := s.complete(); r != nil {
		return State{}, r
	}
	if s.Device != device {
		return State{}, refuse(CodeWrongDevice, "device %q reports, on the subject of %q", s.Device, device)
	}
	for i := range s.Workloads {
		s.Workloads[i].Message = note(s.Workloads[i].Message, maxNote)
	}
	for i := range s.Findings {
		s.Findings[i].Message = note(s.Findings[i].Message, maxNote)
	}
	return s, nil
}

func compareWorkloads(a, b Workload) int {
	return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name), cmp.Compare(a.UID.uid, b.UID.uid))
}

// ReportHash gives what a heartbeat says of the last report: the first 8 bytes of the SHA-256 of its bytes, as 16
// hexadecimal digits.
func ReportHash(report []byte) string {
	sum := sha256.Sum256(report)
	return hex.EncodeToString(sum[:8])
}
