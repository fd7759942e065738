// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package model

import (
	"fmt"
	"slices"

	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/operator/plane"
)

// A parcel is a manifest on its way to a device; a saying is a report on its way to operators.
type (
	parcel struct {
		to       string
		manifest contract.Manifest
		digest   contract.Digest
	}
	saying struct {
		from   string
		report plane.Report
	}
)

// A nats loses, repeats and disorders what is on its way. It has every manifest that was ever written: a bucket that is
// restored republishes an old one.
type nats struct {
	down    []parcel
	up      []saying
	written []parcel
}

// send has a manifest go over the wire, as the real contract encodes it.
func (o *operator) send(one plane.Write) {
	id, err := contract.ParseDeviceID(one.Device)
	if err != nil {
		o.t.Fatal(err)
	}
	m := contract.Manifest{Plane: o.plane, Device: id, Order: contract.Order(one.Order)}
	for _, e := range one.Entries {
		m.Deployments = append(m.Deployments, entry(o.world, e))
	}
	if one.Adopts != "" {
		m.Adopts = o.elsewhere
	}
	data, err := m.Encode()
	if err != nil {
		o.t.Fatalf("%s is told what cannot be said: %v: %+v", one.Device, err, one)
	}
	decoded, digest, err := contract.DecodeManifest(data, id)
	if err != nil {
		o.t.Fatal(err)
	}
	o.state.Wrote(one, digest)
	p := parcel{one.Device, decoded, digest}
	o.down, o.written = append(o.down, p), append(o.written, p)
}

func entry(w *world, e plane.Entry) contract.Entry {
	uid, err := contract.ParseWorkloadUID(e.UID)
	if err != nil {
		w.t.Fatal(err)
	}
	digest, err := contract.ParseDigest(e.Digest)
	if err != nil {
		w.t.Fatal(err)
	}
	want := contract.Present
	if e.Absent {
		want = contract.Absent
	}
	return contract.Entry{Namespace: e.Namespace, Name: e.Name, UID: uid, Generation: e.Generation, Digest: digest, Want: want}
}

// carry brings a manifest to whoever is there under its name.
func (w *world) carry(p parcel, crash bool) {
	for _, b := range w.boxes {
		if b.id == p.to && b.linked {
			b.take(p, crash)
		}
	}
}

// voice brings a report to all operators that listen.
func (w *world) voice(s saying) {
	for _, o := range w.living() {
		if o.nats {
			o.hear(s.from, s.report)
		}
	}
}

// beat has a box say that it lives; when its report is not known, it is asked for it.
func (w *world) beat(b *box) {
	if !b.linked {
		return
	}
	r := b.report()
	for _, o := range w.living() {
		if o.nats && !o.state.Heartbeat(b.id, b.instance, r.Hash, w.now) {
			w.up = append(w.up, saying{b.id, r})
		}
	}
}

// fetch has a box ask for its manifest.
func (w *world) fetch(b *box) {
	for _, o := range w.living() {
		if one, ok := o.state.Manifest(b.id, w.now); ok && o.nats && b.linked {
			o.send(one)
		}
	}
}

// serves tells whether a device gets that content: an operator has it, and its manifest names it.
func (w *world) serves(id, digest string) bool {
	return slices.ContainsFunc(w.living(), func(o *operator) bool { return o.nats && o.bodies[digest] && o.state.Names(id, digest) })
}

// flow carries all that is on its way.
func (w *world) flow() {
	down, up := w.down, w.up
	w.down, w.up = nil, nil
	for _, p := range down {
		w.carry(p, false)
	}
	for _, s := range up {
		w.voice(s)
	}
}

func hash(r plane.Report) string { return contract.ReportHash(fmt.Appendf(nil, "%+v", r)) }
