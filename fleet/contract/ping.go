// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"encoding/json"
	"time"
)

const (
	pingReplyType = "reply/ping/1"
	maxNonce      = 64
	maxFact       = 128
)

// PingArgs are the arguments of a ping.
type PingArgs struct {
	// Nonce is echoed, so that an answer proves that it is to this question: 1 to 64 of A-Z, a-z, 0-9, '-', '_'.
	Nonce string `json:"nonce"`
}

// Encode gives the arguments for Command.Args. Its error is a *Refusal.
func (a PingArgs) Encode() (json.RawMessage, error) {
	if !isNonce(a.Nonce) {
		return nil, badNonce(a.Nonce)
	}
	return encode(a, MaxCommand)
}

// DecodePingArgs reads the arguments of a ping. Its error is a *Refusal.
func DecodePingArgs(data json.RawMessage) (PingArgs, error) {
	var a PingArgs
	if r := decode(data, MaxCommand, &a); r != nil {
		return PingArgs{}, r
	}
	if !isNonce(a.Nonce) {
		return PingArgs{}, badNonce(a.Nonce)
	}
	return a, nil
}

// Boot says what the device has started from. Empty means that the device could not tell.
type Boot struct {
	ID     string `json:"id,omitempty"`     // changes with every boot
	Kernel string `json:"kernel,omitempty"` // release of the kernel
	OS     string `json:"os,omitempty"`     // as in GOOS
	Arch   string `json:"arch,omitempty"`   // as in GOARCH
}

// PingReply is a device's answer to a ping.
type PingReply struct {
	Device       DeviceID
	Request      RequestID
	Nonce        string
	AgentVersion string
	Instance     InstanceID
	StartedAt    time.Time // when this run of the agent started, by its own clock, in milliseconds
	PodUID       string    // of the Pod that it runs in; empty elsewhere
	Boot         Boot
}

type pingReplyWire struct {
	Type         string     `json:"type"`
	Device       DeviceID   `json:"device"`
	Request      RequestID  `json:"request"`
	Nonce        string     `json:"nonce"`
	AgentVersion string     `json:"agent_version"`
	Instance     InstanceID `json:"instance"`
	StartedAt    time.Time  `json:"started_at"`
	PodUID       string     `json:"pod_uid,omitempty"`
	Boot         Boot       `json:"boot"`
}

// Encode gives the reply as it goes over the wire. Its error is a *Refusal.
func (p PingReply) Encode() ([]byte, error) {
	if r := p.complete(); r != nil {
		return nil, r
	}
	return encode(pingReplyWire{
		pingReplyType, p.Device, p.Request, p.Nonce, p.AgentVersion, p.Instance, p.StartedAt.UTC().Truncate(time.Millisecond), p.PodUID, p.Boot,
	}, MaxReply)
}

// DecodePingReply reads the answer to the ping with that nonce. Its error is an
// *ErrorReply when the device answered with one, else a *Refusal.
func DecodePingReply(data []byte, to Asked, nonce string) (PingReply, error) {
	var w pingReplyWire
	if err := decodeReply(data, pingReplyType, to, &w); err != nil {
		return PingReply{}, err
	}
	p := PingReply{w.Device, w.Request, w.Nonce, w.AgentVersion, w.Instance, w.StartedAt.UTC().Truncate(time.Millisecond), w.PodUID, w.Boot}
	if r := p.complete(); r != nil {
		return PingReply{}, r
	}
	if r := to.check(p.Device, p.Request); r != nil {
		return PingReply{}, r
	}
	if p.Nonce != nonce {
		return PingReply{}, refuse(CodeWrongReply, "echoes nonce %q, %q was sent", p.Nonce, nonce)
	}
	return p, nil
}

func (p PingReply) complete() *Refusal {
	if p.Device.IsZero() || p.Request.IsZero() || p.Instance.IsZero() || p.StartedAt.IsZero() || !inCalendar(p.StartedAt) {
		return refuse(CodeMalformed, "device, request, instance and started_at are required")
	}
	if !isNonce(p.Nonce) {
		return badNonce(p.Nonce)
	}
	if p.AgentVersion == "" {
		return refuse(CodeMalformed, "agent_version is required")
	}
	for _, fact := range []string{p.AgentVersion, p.PodUID, p.Boot.ID, p.Boot.Kernel, p.Boot.OS, p.Boot.Arch} {
		if len(fact) > maxFact || !isPrintable(fact) {
			return refuse(CodeMalformed, "agent_version, pod_uid and the facts of boot have %d bytes at most, that can be printed", maxFact)
		}
	}
	return nil
}

func badNonce(nonce string) *Refusal {
	return refuse(CodeMalformed, "nonce %.80q: 1 to %d of A-Z, a-z, 0-9, '-', '_' are accepted", nonce, maxNonce)
}

func isNonce(s string) bool {
	return s != "" && len(s) <= maxNonce && only(s, func(c byte) bool {
		return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_'
	})
}
