// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package probe is a device that runs nothing: it takes its manifest, fetches what that names, and says that it runs. Smoke
// tests enrol it.
package probe

import (
	"context"
	"fmt"
	"sync"
	"time"

	natsgo "github.com/nats-io/nats.go"

	"nationtech.io/harmony/fleet/contract"
)

// probeBeats is how often a probe says that it lives.
const probeBeats = 500 * time.Millisecond

// probeVersion is what a probe says instead of the version of an agent.
const probeVersion = "smoke test"

// A Device is one such device, on a connection that has the rights of a device of its name.
type Device struct {
	conn     *natsgo.Conn
	device   contract.DeviceID
	instance contract.InstanceID

	since time.Time

	mu       sync.Mutex
	sequence uint64
	manifest contract.Manifest
	digest   contract.Digest // of the manifest
	bodies   map[contract.Digest]string
	removed  bool // it was told absent
	fault    string
}

// Fail lets the device say that all it has fails with that code; with an empty one it runs again.
func (p *Device) Fail(code string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fault = code
	p.report()
}

// Order is that of the manifest that the device holds.
func (p *Device) Order() contract.Order {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.manifest.Order
}

// New gives a device, as yet silent.
func New(conn *natsgo.Conn, device contract.DeviceID) *Device {
	return &Device{conn: conn, device: device, instance: contract.NewInstanceID(), since: time.Now(), bodies: map[contract.Digest]string{}}
}

// Listen hears what the device is told. Its first words follow in Run.
func (p *Device) Listen() error {
	for subject, hear := range map[string]func(*natsgo.Msg){
		contract.DesiredSubject(p.device):        p.take,
		contract.AnswerManifestSubject(p.device): p.take,
		contract.AnswerBodySubject(p.device, "*"): func(m *natsgo.Msg) {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.bodies[contract.DigestOf(m.Data)] = string(m.Data)
			p.report()
		},
		contract.CommandSubjects(p.device): func(*natsgo.Msg) { p.say() },
	} {
		if _, err := p.conn.Subscribe(subject, hear); err != nil {
			return fmt.Errorf("listen as %s: %w", p.device, err)
		}
	}
	return p.conn.Flush()
}

// Run says that the device lives, and fetches its manifest, until the context ends. What is lost is said again the next time.
func (p *Device) Run(ctx context.Context) {
	ticker := time.NewTicker(probeBeats)
	defer ticker.Stop()
	for {
		p.say()
		_ = p.conn.Publish(contract.FetchManifestSubject(p.device), nil)
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

func (p *Device) say() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sequence++
	if beat, err := (contract.Heartbeat{Instance: p.instance, Sequence: p.sequence}).Encode(); err == nil {
		_ = p.conn.Publish(contract.HeartbeatSubject(p.device), beat)
	}
	if info, err := (contract.Info{Device: p.device, Instance: p.instance, AgentVersion: probeVersion}).Encode(); err == nil {
		_ = p.conn.Publish(contract.InfoSubject(p.device), info)
	}
	p.report()
}

// take accepts a manifest that is not older than the one it has, and fetches what it lacks.
func (p *Device) take(m *natsgo.Msg) {
	p.mu.Lock()
	defer p.mu.Unlock()
	told, digest, err := contract.DecodeManifest(m.Data, p.device)
	if err != nil || told.Order.Compare(p.manifest.Order) < 0 {
		return
	}
	p.manifest, p.digest = told, digest
	for _, e := range told.Deployments {
		if e.Want == contract.Absent {
			p.removed = true
		} else if _, has := p.bodies[e.Digest]; !has {
			_ = p.conn.Publish(contract.FetchBodySubject(p.device, e.Digest.String()), nil)
		}
	}
	p.report()
}

// report says what the device has.
func (p *Device) report() {
	s := contract.State{
		Device: p.device, Instance: p.instance, AgentVersion: probeVersion,
		Plane: p.manifest.Plane, Order: p.manifest.Order, Manifest: p.digest,
	}
	for _, e := range p.manifest.Deployments {
		if e.Want == contract.Absent {
			continue
		}
		w := contract.Workload{
			Namespace: e.Namespace, Name: e.Name, UID: e.UID, Generation: e.Generation, Digest: e.Digest,
			Want: e.Want, Phase: contract.Pulling, Since: p.since,
		}
		if _, has := p.bodies[e.Digest]; has {
			w.Phase = contract.Running
			if p.fault != "" {
				w.Phase, w.Code, w.Message = contract.Failed, p.fault, "as it was asked to"
			}
		}
		s.Workloads = append(s.Workloads, w)
	}
	if data, err := s.Encode(); err == nil {
		_ = p.conn.Publish(contract.StateSubject(p.device), data)
	}
}

// Content is what it runs; empty when it runs nothing.
func (p *Device) Content() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, e := range p.manifest.Deployments {
		if e.Want == contract.Present {
			return p.bodies[e.Digest]
		}
	}
	return ""
}

// Removed tells whether it was told to remove what it ran.
func (p *Device) Removed() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.removed
}

// Story is how far it came.
func (p *Device) Story() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch n := len(p.manifest.Deployments); {
	case p.manifest.Order.IsZero():
		return "the probe was told nothing"
	case n == 0:
		return "the probe was told to run nothing"
	case len(p.bodies) == 0:
		return "the probe was told what to run, and its content did not come"
	case p.removed:
		return "the probe was told to remove what it ran"
	}
	return "the probe was told what to run, got it, and said that it runs"
}
