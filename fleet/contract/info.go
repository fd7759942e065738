// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"cmp"
	"slices"
)

// MaxLabels is how many labels a device reports at most.
const MaxLabels = 32

const (
	infoType   = "info/1"
	maxDisks   = 16
	maxLabel   = 63
	maxMachine = 1 << 50 // bytes of a memory or disk
)

// Info is what a device says about itself: its inventory. It is sent at every connect, and when it has changed.
type Info struct {
	Device       DeviceID
	Instance     InstanceID
	Machine      string // as in State
	AgentVersion string
	Boot         Boot
	Hostname     string // empty when it cannot be told, as what follows
	CPUs         int    // processors that the agent may use
	MemoryBytes  int64
	Disks        []Disk // 16 at most
	// Runtime is what runs containers, such as "podman 4.3.1"; empty when there is none.
	Runtime string
	// Labels are from the device's configuration, 32 at most. Nothing selects by them unless an administrator says so, in
	// spec.reportedLabels of the FleetState.
	Labels []Label
}

// A Disk is a file system of a device.
type Disk struct {
	Path  string `json:"path"`
	Bytes int64  `json:"bytes"`
	// UsedPercent is in steps of 5, so that a disk that is written to is no news every time.
	UsedPercent int `json:"used_percent"`
}

// A Label is a name with a value, both of the syntax of Kubernetes' label values; the name is not empty.
type Label struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type infoWire struct {
	Type         string     `json:"type"`
	Device       DeviceID   `json:"device"`
	Instance     InstanceID `json:"instance"`
	Machine      string     `json:"machine,omitempty"`
	AgentVersion string     `json:"agent_version"`
	Boot         Boot       `json:"boot"`
	Hostname     string     `json:"hostname,omitempty"`
	CPUs         int        `json:"cpus"`
	MemoryBytes  int64      `json:"memory_bytes"`
	Disks        []Disk     `json:"disks"`
	Runtime      string     `json:"runtime,omitempty"`
	Labels       []Label    `json:"labels"`
}

// Encode gives the inventory as it goes over the wire. Its error is a *Refusal.
func (i Info) Encode() ([]byte, error) {
	i.Disks, i.Labels = append([]Disk{}, i.Disks...), append([]Label{}, i.Labels...)
	slices.SortFunc(i.Labels, func(a, b Label) int { return cmp.Compare(a.Name, b.Name) })
	if r := i.complete(); r != nil {
		return nil, r
	}
	return encode(infoWire{
		infoType, i.Device, i.Instance, i.Machine, i.AgentVersion, i.Boot, i.Hostname, i.CPUs, i.MemoryBytes, i.Disks, i.Runtime, i.Labels,
	}, MaxReport)
}

// DecodeInfo reads the inventory of that device. Its error is a *Refusal.
func DecodeInfo(data []byte, device DeviceID) (Info, error) {
	var w infoWire
	if r := decode(data, MaxReport, &w); r != nil {
		return Info{}, r
	}
	i := Info{w.Device, w.Instance, w.Machine, w.AgentVersion, w.Boot, w.Hostname, w.CPUs, w.MemoryBytes, w.Disks, w.Runtime, w.Labels}
	switch r := i.complete(); {
	case w.Type != infoType:
		return Info{}, refuse(CodeWrongType, "type %.60q, this reads %q", w.Type, infoType)
	case r != nil:
		return Info{}, r
	case i.Device != device:
		return Info{}, refuse(CodeWrongDevice, "device %q reports, on the subject of %q", i.Device, device)
	}
	return i, nil
}

func (i Info) complete() *Refusal {
	switch {
	case i.Device.IsZero() || i.Instance.IsZero() || i.AgentVersion == "" || i.Disks == nil || i.Labels == nil || !isMachine(i.Machine):
		return refuse(CodeMalformed, "device, instance, agent_version, disks and labels are required; machine is 32 hexadecimal digits")
	case i.CPUs < 0 || i.CPUs > 1<<16 || i.MemoryBytes < 0 || i.MemoryBytes > maxMachine:
		return refuse(CodeMalformed, "cpus is 0 to 65536, memory_bytes 0 to 2^50")
	case len(i.Disks) > maxDisks || len(i.Labels) > MaxLabels:
		return refuse(CodeMalformed, "at most %d disks and %d labels are accepted", maxDisks, MaxLabels)
	}
	for _, fact := range []string{i.AgentVersion, i.Hostname, i.Runtime, i.Boot.ID, i.Boot.Kernel, i.Boot.OS, i.Boot.Arch} {
		if len(fact) > maxFact || !isPrintable(fact) {
			return refuse(CodeMalformed, "a fact has %d bytes at most, all of which can be printed", maxFact)
		}
	}
	for _, d := range i.Disks {
		if d.Path == "" || len(d.Path) > maxFact || !isPrintable(d.Path) || d.Bytes < 0 || d.Bytes > maxMachine || d.UsedPercent < 0 || d.UsedPercent > 100 || d.UsedPercent%5 != 0 {
			return refuse(CodeMalformed, "disk %.40q: a path that can be printed, bytes from 0 to 2^50, used_percent in steps of 5", d.Path)
		}
	}
	for n, l := range i.Labels {
		if l.Name == "" || !IsLabelValue(l.Name) || !IsLabelValue(l.Value) || n > 0 && i.Labels[n-1].Name >= l.Name {
			return refuse(CodeMalformed, "label %.63q: name and value as label values of Kubernetes, in order, each name once", l.Name)
		}
	}
	return nil
}

// IsLabelValue tells whether s can be the value of a label in Kubernetes: at most 63 letters, digits, '-', '_' and
// '.', with a letter or digit at both ends; or empty.
func IsLabelValue(s string) bool {
	letter := func(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' }
	if s == "" {
		return true
	}
	return len(s) <= maxLabel && letter(s[0]) && letter(s[len(s)-1]) && only(s, func(c byte) bool {
		return letter(c) || c == '-' || c == '_' || c == '.'
	})
}
