// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package contract

import "unicode/utf8"

// MaxInfo is the largest info in bytes.
const MaxInfo = 8 << 10

const infoType = "info/1"

// VerbResync asks a device to report its whole state and info again. It is answered by these reports.
const VerbResync Verb = "resync"

// An Info is what a device says about itself. Each text has 128 bytes at most, and may be empty.
type Info struct {
	Device       DeviceID
	AgentVersion string
	OS           string
	Arch         string
	Kernel       string
}

type infoWire struct {
	Type         string   `json:"type"`
	Device       DeviceID `json:"device"`
	AgentVersion string   `json:"agent_version"`
	OS           string   `json:"os"`
	Arch         string   `json:"arch"`
	Kernel       string   `json:"kernel"`
}

// Encode gives the info as it goes over the wire. Its error is a *Refusal.
func (i Info) Encode() ([]byte, error) {
	if r := i.complete(); r != nil {
		return nil, r
	}
	return encode(infoWire{infoType, i.Device, i.AgentVersion, i.OS, i.Arch, i.Kernel}, MaxInfo)
}

// DecodeInfo reads what that device says about itself. Its error is a *Refusal.
func DecodeInfo(data []byte, of DeviceID) (Info, error) {
	var w infoWire
	if r := decode(data, MaxInfo, &w); r != nil {
		return Info{}, r
	}
	i := Info{w.Device, w.AgentVersion, w.OS, w.Arch, w.Kernel}
	switch {
	case w.Type != infoType:
		return Info{}, refuse(CodeWrongType, "type %.60q is no info", w.Type)
	case i.Device != of:
		return Info{}, refuse(CodeWrongDevice, "device %q reports as %q", of, i.Device)
	}
	if r := i.complete(); r != nil {
		return Info{}, r
	}
	return i, nil
}

func (i Info) complete() *Refusal {
	if i.Device.IsZero() {
		return refuse(CodeMalformed, "device is required")
	}
	for _, text := range []string{i.AgentVersion, i.OS, i.Arch, i.Kernel} {
		if len(text) > maxFact || !utf8.ValidString(text) {
			return refuse(CodeMalformed, "a fact has more than %d bytes", maxFact)
		}
	}
	return nil
}
