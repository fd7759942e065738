// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package contract

// MaxHeartbeat is the largest heartbeat in bytes. It is small because it is what
// a fleet sends most.
const MaxHeartbeat = 95

const heartbeatVersion = 1

// Heartbeat says that a device lives. It names no device: NATS lets a device
// publish on no other's subject.
type Heartbeat struct {
	Instance InstanceID
	// Sequence counts the heartbeats of one instance from 1, so gaps show what was lost.
	Sequence uint64
	// State is ReportHash of the last report of state; empty while there was none. Whoever has heard another report
	// asks for this one with resync.
	State string
}

type heartbeatWire struct {
	Version  int        `json:"v"`
	Instance InstanceID `json:"instance"`
	Sequence uint64     `json:"seq"`
	State    string     `json:"state,omitempty"`
}

// Encode gives the heartbeat as it goes over the wire. Its error is a *Refusal.
func (h Heartbeat) Encode() ([]byte, error) {
	if r := h.complete(); r != nil {
		return nil, r
	}
	return encode(heartbeatWire{heartbeatVersion, h.Instance, h.Sequence, h.State}, MaxHeartbeat)
}

// DecodeHeartbeat reads a heartbeat. Its error is a *Refusal.
func DecodeHeartbeat(data []byte) (Heartbeat, error) {
	var w heartbeatWire
	if r := decode(data, MaxHeartbeat, &w); r != nil {
		return Heartbeat{}, r
	}
	if w.Version != heartbeatVersion {
		return Heartbeat{}, refuse(CodeWrongType, "heartbeat of version %d, this reads %d", w.Version, heartbeatVersion)
	}
	h := Heartbeat{w.Instance, w.Sequence, w.State}
	if r := h.complete(); r != nil {
		return Heartbeat{}, r
	}
	return h, nil
}

func (h Heartbeat) complete() *Refusal {
	if h.Instance.IsZero() || h.Sequence == 0 {
		return refuse(CodeMalformed, "instance and seq are required")
	}
	if h.State != "" && (len(h.State) != 16 || !isHex(h.State)) {
		return refuse(CodeMalformed, "state is 16 hexadecimal digits, or left out")
	}
	return nil
}
