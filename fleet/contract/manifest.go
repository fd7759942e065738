// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package contract

import "regexp"

// MaxManifest is the largest manifest in bytes.
const MaxManifest = 64 << 10

const (
	manifestType = "manifest/1"
	maxName      = 253
	// WantPresent and WantAbsent are what an entry can want.
	WantPresent = "present"
	WantAbsent  = "absent"
)

// An Order says which of two manifests of one device is the later one: by epoch, then term, then number.
type Order struct {
	Epoch  int64 `json:"epoch"`
	Term   int64 `json:"term"`
	Number int64 `json:"number"`
}

// An Entry is what a device shall do about one Deployment.
type Entry struct {
	Namespace  string `json:"namespace"`
	Name       string `json:"name"`
	UID        string `json:"uid"`
	Generation int64  `json:"generation"`
	Digest     string `json:"digest"`
	Want       string `json:"want"`
}

// A Manifest is the whole desired state of one device.
type Manifest struct {
	Plane  PlaneID
	Device DeviceID
	Order
	Deployments []Entry
}

type manifestWire struct {
	Type   string   `json:"type"`
	Plane  PlaneID  `json:"plane"`
	Device DeviceID `json:"device"`
	Order
	Deployments []Entry `json:"deployments"`
}

// Encode gives the manifest as it goes over the wire. Its error is a *Refusal.
func (m Manifest) Encode() ([]byte, error) {
	if m.Deployments == nil {
		m.Deployments = []Entry{}
	}
	if r := m.complete(); r != nil {
		return nil, r
	}
	return encode(manifestWire{manifestType, m.Plane, m.Device, m.Order, m.Deployments}, MaxManifest)
}

// DecodeManifest reads a manifest for that device; from another plane it is refused if the device obeys one. Its error is a *Refusal.
func DecodeManifest(data []byte, by Receiver) (Manifest, error) {
	var w manifestWire
	if r := decode(data, MaxManifest, &w); r != nil {
		return Manifest{}, r
	}
	m := Manifest{w.Plane, w.Device, w.Order, w.Deployments}
	switch {
	case w.Type != manifestType:
		return Manifest{}, refuse(CodeWrongType, "type %.60q is no manifest", w.Type)
	case m.Device != by.Device:
		return Manifest{}, refuse(CodeWrongDevice, "meant for device %q, this is %q", m.Device, by.Device)
	case !by.Plane.IsZero() && m.Plane != by.Plane:
		return Manifest{}, refuse(CodeWrongPlane, "from control plane %s, this device obeys %s", m.Plane, by.Plane)
	}
	if r := m.complete(); r != nil {
		return Manifest{}, r
	}
	return m, nil
}

var digestPattern = regexp.MustCompile("^[0-9a-f]{64}$")

func (m Manifest) complete() *Refusal {
	if m.Plane.IsZero() || m.Device.IsZero() || m.Epoch < 1 || m.Term < 1 || m.Number < 1 {
		return refuse(CodeMalformed, "plane, device, epoch, term and number are required")
	}
	seen := map[string]bool{}
	for _, e := range m.Deployments {
		switch {
		case !isText(e.Namespace, maxName) || !isText(e.Name, maxName) || !isUUID(e.UID) || e.Generation < 1 || !digestPattern.MatchString(e.Digest):
			return refuse(CodeMalformed, "entry %.80q lacks a name, a uid, a generation or a digest", e.Namespace+"/"+e.Name)
		case e.Want != WantPresent && e.Want != WantAbsent:
			return refuse(CodeMalformed, "entry %.80q wants %.20q", e.Namespace+"/"+e.Name, e.Want)
		case seen[e.UID]:
			return refuse(CodeMalformed, "two entries of uid %s", e.UID)
		}
		seen[e.UID] = true
	}
	return nil
}

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
