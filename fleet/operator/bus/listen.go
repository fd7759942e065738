// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package bus

import (
	"fmt"
	"strings"

	"github.com/nats-io/nats.go"

	"nationtech.io/harmony/fleet/command"
	"nationtech.io/harmony/fleet/contract"
)

// A Listener is told what devices say. Its methods are called one after the other, those for heartbeats beside the others.
type Listener interface {
	State(device contract.DeviceID, data []byte)
	Info(device contract.DeviceID, data []byte)
	Heartbeat(device contract.DeviceID, data []byte)
	// Fetch is asked for a manifest, or for the content of that digest if it is not empty.
	Fetch(device contract.DeviceID, digest string)
}

// Listen hears every device until stop is called.
func (b *Bus) Listen(to Listener) (stop func(), err error) {
	var all []*nats.Subscription
	stop = func() {
		for _, s := range all {
			_ = s.Unsubscribe() // on a connection that is gone there is nothing to end
		}
	}
	for _, on := range []struct {
		conn    *nats.Conn
		subject string
		hear    func(contract.DeviceID, *nats.Msg)
	}{
		{b.conn, "fleet.state.*", func(d contract.DeviceID, m *nats.Msg) { to.State(d, m.Data) }},
		{b.conn, "fleet.info.*", func(d contract.DeviceID, m *nats.Msg) { to.Info(d, m.Data) }},
		{b.conn, "fleet.fetch.*.>", func(d contract.DeviceID, m *nats.Msg) { fetch(to, d, m.Subject) }},
		{b.beats, "fleet.heartbeat.*", func(d contract.DeviceID, m *nats.Msg) { to.Heartbeat(d, m.Data) }},
	} {
		s, err := on.conn.Subscribe(on.subject, func(m *nats.Msg) {
			// NATS lets a device publish under its own name only: the subject is who it is.
			if id, err := contract.ParseDeviceID(strings.SplitN(m.Subject, ".", 4)[2]); err == nil {
				on.hear(id, m)
			}
		})
		if err != nil {
			stop()
			return nil, fmt.Errorf("listen on %s: %w", on.subject, err)
		}
		all = append(all, s)
	}
	return stop, nil
}

func fetch(to Listener, device contract.DeviceID, subject string) {
	switch what := strings.Split(subject, ".")[3:]; {
	case len(what) == 1 && what[0] == "manifest":
		to.Fetch(device, "")
	case len(what) == 2 && what[0] == "body" && len(what[1]) == digestLength:
		to.Fetch(device, what[1])
	}
}

const digestLength = 64 // a SHA-256 in hexadecimal digits

// AnswerManifest gives a device its manifest, on the subject that is fixed for that.
func (b *Bus) AnswerManifest(device contract.DeviceID, data []byte) error {
	return b.conn.Publish(contract.AnswerManifestSubject(device), data)
}

// AnswerBody gives a device a content.
func (b *Bus) AnswerBody(device contract.DeviceID, digest string, data []byte) error {
	return b.conn.Publish(contract.AnswerBodySubject(device, digest), data)
}

// Ask gives what asks devices in the name of a caller, and waits for their answers.
func (b *Bus) Ask(plane contract.PlaneID, caller string, request contract.RequestID) command.Client {
	return command.Client{Conn: b.conn, Plane: plane, Caller: caller, Request: request}
}

// Command sends a device a command, and waits for nothing.
func (b *Bus) Command(device contract.DeviceID, verb contract.Verb, data []byte) error {
	return b.conn.Publish(contract.CommandSubject(device, verb), data)
}
