// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package probe is one simulated device, on a connection of its own: it takes its manifest, fetches what that names, and says
// that it runs. Smoke tests enrol it, and tell how far it came.
package probe

import (
	"context"
	"fmt"
	"time"

	natsgo "github.com/nats-io/nats.go"

	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/sim"
)

// probeBeats is how often a probe says that it lives, and fetches.
const probeBeats = 500 * time.Millisecond

// probeVersion is what a probe says instead of the version of an agent.
const probeVersion = "smoke test"

// A Device is one such device, on a connection that has the rights of a device of its name.
type Device struct {
	conn  *natsgo.Conn
	is    *sim.Device
	books *sim.Books
}

// New gives a device, as yet silent.
func New(conn *natsgo.Conn, device contract.DeviceID) *Device {
	books := sim.NewBooks()
	return &Device{conn, sim.NewDevice(conn, device, sim.Config{Version: probeVersion, Beat: probeBeats, Fetch: probeBeats}, books), books}
}

// Listen hears what the device is told. Its first words follow in Run.
func (p *Device) Listen() error {
	for _, subject := range p.is.Subjects() {
		if _, err := p.conn.Subscribe(subject, func(m *natsgo.Msg) { p.is.Hear(m.Subject, m.Data) }); err != nil {
			return fmt.Errorf("listen as %s: %w", p.is.ID(), err)
		}
	}
	return p.conn.Flush()
}

// Run says that the device lives, and fetches its manifest, until the context ends. What is lost is said again the next time.
func (p *Device) Run(ctx context.Context) {
	ticker := time.NewTicker(probeBeats)
	defer ticker.Stop()
	for {
		p.is.Again()
		p.is.Tick(time.Now())
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// Fail lets the device say that all it has fails with that code; with an empty one it runs again.
func (p *Device) Fail(code string) { p.is.Behave(sim.Behaviour{Fail: code}) }

// Order is that of the manifest that the device holds.
func (p *Device) Order() contract.Order { return p.is.Held().Order }

// Content is what it runs; empty when it runs nothing.
func (p *Device) Content() string {
	runs := p.is.Runs()
	for _, uid := range p.is.Held().Living() {
		if body, ok := p.books.Content(runs[uid].Digest); ok {
			return string(body)
		}
	}
	return ""
}

// Removed tells whether it was told to remove what it ran.
func (p *Device) Removed() bool {
	held := p.is.Held()
	return len(held.Records) > len(held.Living())
}

// Story is how far it came.
func (p *Device) Story() string {
	switch held := p.is.Held(); {
	case held.Order.IsZero():
		return "the probe was told nothing"
	case p.Removed():
		return "the probe was told to remove what it ran"
	case len(held.Records) == 0:
		return "the probe was told to run nothing"
	case p.books.Counts().Bodies == 0:
		return "the probe was told what to run, and its content did not come"
	}
	return "the probe was told what to run, got it, and said that it runs"
}
