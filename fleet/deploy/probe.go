// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package deploy

import (
	"context"
	"fmt"
	"sync"
	"time"

	natsgo "github.com/nats-io/nats.go"

	"nationtech.io/harmony/fleet/contract"
)

// probeBeats is how often a probe says that it lives.
const probeBeats = 2 * time.Second

// probeVersion is what a probe says instead of the version of an agent.
const probeVersion = "smoke test"

// A fleetProbe is a device that runs nothing: it takes its manifest, fetches what that names, and says that it runs.
type fleetProbe struct {
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
}

func newProbe(conn *natsgo.Conn, device contract.DeviceID) *fleetProbe {
	return &fleetProbe{conn: conn, device: device, instance: contract.NewInstanceID(), since: time.Now(), bodies: map[contract.Digest]string{}}
}

// connect listens as a device does. Its first words follow in run.
func (p *fleetProbe) connect() error {
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

// run says that the device lives, and fetches its manifest, until the context ends. What is lost is said again the next time.
func (p *fleetProbe) run(ctx context.Context) {
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

func (p *fleetProbe) say() {
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
func (p *fleetProbe) take(m *natsgo.Msg) {
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
func (p *fleetProbe) report() {
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
		}
		s.Workloads = append(s.Workloads, w)
	}
	if data, err := s.Encode(); err == nil {
		_ = p.conn.Publish(contract.StateSubject(p.device), data)
	}
}

// content is what it runs.
func (p *fleetProbe) content() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, e := range p.manifest.Deployments {
		if e.Want == contract.Present {
			return p.bodies[e.Digest]
		}
	}
	return ""
}

// empty tells whether it was told to remove what it ran.
func (p *fleetProbe) empty() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.removed
}

// story is how far it came.
func (p *fleetProbe) story() string {
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
