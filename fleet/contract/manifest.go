// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"cmp"
	"slices"
)

const (
	// MaxManifest is the largest manifest in bytes.
	MaxManifest = 64 << 10
	// MaxEntries is how many entries a manifest has at most, those that are absent among them.
	MaxEntries = 128
	// MaxPresent is how many of them are present at most, so that a device's report fits into one message.
	MaxPresent = 64

	manifestType = "manifest/1"
)

// Want is whether a workload shall be on a device.
type Want string

// The two wants; there are no others.
const (
	Present Want = "present"
	Absent  Want = "absent"
)

func (w Want) valid() bool { return w == Present || w == Absent }

// An Entry is what one device is told about one Deployment.
type Entry struct {
	// Namespace and Name are those of the Deployment: RFC 1123 labels. Two that are present do not share them.
	Namespace string      `json:"namespace"`
	Name      string      `json:"name"`
	UID       WorkloadUID `json:"uid"`
	// Generation is the one that last changed this entry: from 1.
	Generation int64 `json:"generation"`
	// Digest names the Release to run; with Absent that which was last asked for.
	Digest Digest `json:"digest"`
	Want   Want   `json:"want"`
}

// A Manifest is the whole desired state of one device. What it does not list is not thereby unwanted:
// only an entry that says absent removes.
type Manifest struct {
	Plane  PlaneID
	Device DeviceID
	Order  Order
	// Adopts names the control plane that this one takes the device over from; zero when there is none. A device that
	// obeys that one accepts the manifest if its epoch is above the recorded one too. A person must have said so.
	Adopts PlaneID
	// Deployments have each UID once, by namespace, name and UID.
	Deployments []Entry
}

type manifestWire struct {
	Type        string   `json:"type"`
	Plane       PlaneID  `json:"plane"`
	Device      DeviceID `json:"device"`
	Epoch       int64    `json:"epoch"`
	Term        int64    `json:"term"`
	Number      int64    `json:"number"`
	Adopts      *PlaneID `json:"adopts,omitempty"`
	Deployments []Entry  `json:"deployments"`
}

// Encode gives the manifest as it goes over the wire: entries in order, so the same manifest always gives the same
// bytes. Its error is a *Refusal: what Encode gives, DecodeManifest accepts.
func (m Manifest) Encode() ([]byte, error) {
	m.Deployments = append([]Entry{}, m.Deployments...)
	slices.SortFunc(m.Deployments, compareEntries)
	if r := m.complete(); r != nil {
		return nil, r
	}
	w := manifestWire{manifestType, m.Plane, m.Device, m.Order.Epoch, m.Order.Term, m.Order.Number, nil, m.Deployments}
	if !m.Adopts.IsZero() {
		w.Adopts = &m.Adopts
	}
	return encode(w, MaxManifest)
}

// DecodeManifest reads a manifest for that device. Which planes and orders the device obeys is not looked at here.
// The digest is of the bytes as they came. Its error is a *Refusal.
func DecodeManifest(data []byte, device DeviceID) (Manifest, Digest, error) {
	var w manifestWire
	if r := decode(data, MaxManifest, &w); r != nil {
		return Manifest{}, Digest{}, r
	}
	m := Manifest{Plane: w.Plane, Device: w.Device, Order: Order{w.Epoch, w.Term, w.Number}, Deployments: w.Deployments}
	if w.Adopts != nil {
		m.Adopts = *w.Adopts
	}
	if w.Type != manifestType {
		return Manifest{}, Digest{}, refuse(CodeWrongType, "type %.60q, this reads %q", w.Type, manifestType)
	}
	if r := m.complete(); r != nil {
		return Manifest{}, Digest{}, r
	}
	if m.Device != device {
		return Manifest{}, Digest{}, refuse(CodeWrongDevice, "meant for device %q, this is %q", m.Device, device)
	}
	return m, DigestOf(data), nil
}

func (m Manifest) complete() *Refusal {
	switch {
	case m.Plane.IsZero() || m.Device.IsZero():
		return refuse(CodeMalformed, "plane and device are required")
	case !m.Order.valid():
		return refuse(CodeMalformed, "epoch, term and number are from 1 to 2^53-1")
	case m.Adopts == m.Plane:
		return refuse(CodeMalformed, "a control plane cannot adopt from itself")
	case m.Deployments == nil:
		return refuse(CodeMalformed, "deployments is required, if need be an empty list")
	case len(m.Deployments) > MaxEntries:
		return refuse(CodeMalformed, "%d deployments, at most %d are accepted", len(m.Deployments), MaxEntries)
	}
	return completeEntries(m.Deployments)
}

func completeEntries(all []Entry) *Refusal {
	present := map[[2]string]bool{}
	uids := make(map[WorkloadUID]bool, len(all))
	for i, e := range all {
		switch {
		case e.UID.IsZero() || e.Digest.IsZero() || !e.Want.valid() || !isLabel(e.Namespace) || !isLabel(e.Name):
			return refuse(CodeMalformed, "deployment %d has not namespace, name, uid, digest and a want that is known", i)
		case !isCounter(e.Generation):
			return refuse(CodeMalformed, "deployment %s has generation %d: from 1 to 2^53-1", e.UID, e.Generation)
		case uids[e.UID]:
			return refuse(CodeMalformed, "deployment %s is given twice", e.UID)
		case e.Want == Present && present[[2]string{e.Namespace, e.Name}]:
			return refuse(CodeMalformed, "two deployments are %s/%s", e.Namespace, e.Name)
		case i > 0 && compareEntries(all[i-1], e) >= 0:
			return refuse(CodeMalformed, "deployments are not in order at %d: by namespace, name and uid", i)
		}
		uids[e.UID] = true
		if e.Want == Present {
			present[[2]string{e.Namespace, e.Name}] = true
		}
	}
	if len(present) > MaxPresent {
		return refuse(CodeMalformed, "%d deployments are present, at most %d are accepted", len(present), MaxPresent)
	}
	return nil
}

func compareEntries(a, b Entry) int {
	return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name), cmp.Compare(a.UID.uid, b.UID.uid))
}
