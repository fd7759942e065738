// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"bytes"
	"time"

	"nationtech.io/harmony/fleet/agent/decide"
	"nationtech.io/harmony/fleet/contract"
)

// Tick lets time pass: what is due is said. It is called once a second or so, and more often where a beat is shorter.
func (d *Device) Tick(now time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.away = d.script.offline(now.Sub(d.start)); d.away {
		d.fresh = true
		return
	}
	beats := d.fresh || now.Sub(d.beatAt) >= d.config.Beat
	if beats {
		d.beatAt = now
	}
	if d.script.hostile() {
		if beats {
			d.attack()
		}
		return
	}
	if d.restive {
		d.settle(now)
	}
	if d.fresh {
		d.info()
	}
	d.report(d.fresh)
	if beats {
		d.beat()
	}
	if d.fresh || now.Sub(d.fetchAt) >= d.config.Fetch {
		d.fetchAt = now
		d.say(contract.FetchManifestSubject(d.id), nil)
	}
	d.fresh = false
}

// Again lets the device say all again and fetch with its next tick, as after a new connection.
func (d *Device) Again() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fresh = true
}

// say sends a message. What is lost is said again the next time.
func (d *Device) say(subject string, data []byte) {
	if err := d.link.Publish(subject, data); err != nil {
		d.books.count(func(c *Counts) { c.Unsent++ })
	}
}

func (d *Device) beat() {
	d.beats++
	if data, err := (contract.Heartbeat{Instance: d.instance, Sequence: d.beats, State: d.said}).Encode(); err == nil {
		d.say(contract.HeartbeatSubject(d.id), data)
	}
}

// Info is what a device of that version says of itself: as much as a real one, all of them the same but for the name.
func Info(device contract.DeviceID, version string) contract.Info {
	return contract.Info{
		Device: device, AgentVersion: version, Boot: contract.Boot{OS: "linux", Arch: "arm64", Kernel: "6.12.0-simulated"},
		Hostname: device.String(), CPUs: 4, MemoryBytes: 4 << 30, Runtime: "podman 5.4.0", Disks: []contract.Disk{{Path: "/", Bytes: 32 << 30}},
	}
}

func (d *Device) info() {
	said := Info(d.id, d.config.Version)
	said.Instance = d.instance
	if data, err := said.Encode(); err == nil {
		d.say(contract.InfoSubject(d.id), data)
	}
}

// report says what the device has, if that is news or always.
func (d *Device) report(always bool) {
	if !always && !d.news || d.away || d.script.hostile() {
		return
	}
	data, err := d.state().Encode()
	if err != nil {
		return
	}
	if hash := contract.ReportHash(data); always || hash != d.said {
		d.said = hash
		d.say(contract.StateSubject(d.id), data)
	}
	d.news = false
}

func (d *Device) state() contract.State {
	s := contract.State{
		Device: d.id, Instance: d.instance, AgentVersion: d.config.Version,
		Plane: d.held.Plane, Order: d.held.Order, Manifest: d.held.Manifest,
	}
	for _, uid := range d.held.Reported() {
		s.Workloads = append(s.Workloads, d.workload(uid, d.held.Records[uid]))
	}
	if d.script.Lie {
		s.Workloads = lies(s.Workloads, d.start)
	}
	return s
}

func (d *Device) workload(uid contract.WorkloadUID, r decide.Record) contract.Workload {
	w := d.works[uid]
	is := contract.Workload{
		Namespace: r.Namespace, Name: r.Name, UID: uid, Generation: r.Generation, Digest: r.Digest, Want: r.Want,
		Phase: w.phase, Code: w.code, Since: w.since,
	}
	if w.code != "" {
		is.Message = "as its script says"
	}
	if w.since.IsZero() {
		is.Since = d.start // it was removed, and is asked for from before that
	}
	switch {
	case r.Ahead:
		is.Phase, is.Code, is.Message = contract.Ahead, "ahead", "the manifest asks for an older generation"
	case !r.Listed && w.phase == contract.Running:
		is.Phase = contract.Unlisted
	}
	return is
}

// lies are workloads as no manifest has them: all run, in a release that nobody made, and one more.
func lies(told []contract.Workload, since time.Time) []contract.Workload {
	uid, _ := contract.ParseWorkloadUID("00000000-0000-4000-8000-000000000000") // of such digits
	lie := contract.Workload{
		Namespace: "nowhere", Name: "nothing", UID: uid, Generation: 1, Digest: contract.DigestOf(nil), Want: contract.Present,
		Phase: contract.Running, Since: since,
	}
	all := []contract.Workload{lie}
	for _, w := range told {
		w.Digest, w.Phase, w.Code, w.Message, w.Since = lie.Digest, contract.Running, "", "", since
		all = append(all, w)
	}
	return all
}

// attack says what a hostile device says.
func (d *Device) attack() {
	if d.script.Garbage {
		for _, subject := range []string{contract.StateSubject(d.id), contract.InfoSubject(d.id), contract.HeartbeatSubject(d.id)} {
			d.say(subject, []byte("\xff{garbage"))
		}
	}
	if d.script.Oversized {
		d.say(contract.HeartbeatSubject(d.id), bytes.Repeat([]byte("x"), contract.DevicePayloadLimit))
	}
	if as := d.script.As; !as.IsZero() {
		if data, err := (contract.State{Device: as, Instance: d.instance, AgentVersion: d.config.Version}).Encode(); err == nil {
			d.say(contract.StateSubject(d.id), data)
			d.say(contract.StateSubject(as), data)
		}
	}
}
