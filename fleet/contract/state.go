// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"slices"
	"unicode/utf8"
)

// MaxState is the largest report of a device in bytes.
const MaxState = DevicePayloadLimit

const stateType = "state/1"

// A Phase is how far a device is with one workload.
type Phase string

// The phases.
const (
	PhasePending  Phase = "Pending"
	PhasePulling  Phase = "Pulling"
	PhaseStarting Phase = "Starting"
	PhaseRunning  Phase = "Running"
	PhaseDegraded Phase = "Degraded"
	PhaseFailed   Phase = "Failed"
	PhaseRemoving Phase = "Removing"
	PhaseUnlisted Phase = "Unlisted"
	PhaseAhead    Phase = "Ahead"
)

func (p Phase) valid() bool {
	return slices.Contains([]Phase{
		PhasePending, PhasePulling, PhaseStarting, PhaseRunning, PhaseDegraded, PhaseFailed, PhaseRemoving, PhaseUnlisted, PhaseAhead,
	}, p)
}

// A Workload is what a device has of one Deployment.
type Workload struct {
	UID        string `json:"uid"`
	Generation int64  `json:"generation"`
	Digest     string `json:"digest"`
	Phase      Phase  `json:"phase"`
	// Code and Message are the last error; empty when there is none.
	Code    Code   `json:"code,omitempty"`
	Message string `json:"message,omitempty"`
}

// A State is all that a device reports of itself.
type State struct {
	// Plane is the control plane that the device obeys; zero when it knows none yet.
	Plane    PlaneID
	Device   DeviceID
	Instance InstanceID
	// Order is that of the last manifest that was accepted; zero when there was none.
	Order     Order
	Workloads []Workload
}

type stateWire struct {
	Type      string     `json:"type"`
	Plane     string     `json:"plane"`
	Device    DeviceID   `json:"device"`
	Instance  InstanceID `json:"instance"`
	Order     Order      `json:"order"`
	Workloads []Workload `json:"workloads"`
}

// Encode gives the state as it goes over the wire. Its error is a *Refusal.
func (s State) Encode() ([]byte, error) {
	if s.Workloads == nil {
		s.Workloads = []Workload{}
	}
	if r := s.complete(); r != nil {
		return nil, r
	}
	return encode(stateWire{stateType, s.Plane.String(), s.Device, s.Instance, s.Order, s.Workloads}, MaxState)
}

// DecodeState reads what that device reports. Its error is a *Refusal.
func DecodeState(data []byte, of DeviceID) (State, error) {
	var w stateWire
	if r := decode(data, MaxState, &w); r != nil {
		return State{}, r
	}
	s := State{Device: w.Device, Instance: w.Instance, Order: w.Order, Workloads: w.Workloads}
	if w.Plane != "" {
		plane, err := ParsePlaneID(w.Plane)
		if err != nil {
			return State{}, malformed(err)
		}
		s.Plane = plane
	}
	switch {
	case w.Type != stateType:
		return State{}, refuse(CodeWrongType, "type %.60q is no state", w.Type)
	case s.Device != of:
		return State{}, refuse(CodeWrongDevice, "device %q reports as %q", of, s.Device)
	}
	if r := s.complete(); r != nil {
		return State{}, r
	}
	return s, nil
}

func (s State) complete() *Refusal {
	if s.Device.IsZero() || s.Instance.IsZero() || s.Order.Epoch < 0 || s.Order.Term < 0 || s.Order.Number < 0 {
		return refuse(CodeMalformed, "device and instance are required, and no part of an order is negative")
	}
	seen := map[string]bool{}
	for _, w := range s.Workloads {
		if !isUUID(w.UID) || w.Generation < 1 || !digestPattern.MatchString(w.Digest) || !w.Phase.valid() || seen[w.UID] ||
			w.Code != "" && !w.Code.valid() || len(w.Message) > maxMessage || !utf8.ValidString(w.Message) {
			return refuse(CodeMalformed, "workload %.40q is not complete, or is told twice", w.UID)
		}
		seen[w.UID] = true
	}
	return nil
}
