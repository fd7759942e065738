// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package callout_test

import (
	"github.com/nats-io/nats.go"

	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/operator/bus"
)

// replying: each subject that a device may publish to, with a reply subject to which it may not. A message there is the deed. Who
// hears the device, and answers, is the operator's own bus, which may publish anywhere: were it to look at a reply subject, that
// would be seen. Devices hear no reply subject of another; what the agent makes of one that a control plane sends is tried by
// TestHostileMessages of package agent.
func replying() (all []deed) {
	targets := map[string]func(*scene) *nats.Conn{
		"$KV.desired-state.b": byControl, "$KV.releases." + digest: byControl, "fleet.desired.b": byAdmin, "fleet.state.b": byB, "fleet.answer.b.manifest": byControl,
		"device-commands.b.exec": byControl, "fleet.reply.b.r1": byB, "$JS.API.STREAM.DELETE.KV_desired-state": byAdmin, "$JS.API.STREAM.PURGE.KV_desired-state": byControl,
	}
	for target, by := range targets {
		for _, through := range append(own("a"), "fleet.fetch.a.body."+digest) {
			all = append(all, reaching("reach "+target+" as the reply subject of "+through, target, through, by, 1),
				reaching("reach "+target+" under a flood of "+through, target, through, by, 1000))
		}
	}
	return all
}

// reaching is what a device tries, and what the rightful user does openly.
func reaching(name, target, through string, by func(*scene) *nats.Conn, times int) deed {
	return deed{name: name, by: by, act: func(s *scene, conn *nats.Conn, nonce string) error {
		if conn != s.a {
			return conn.Publish(target, nil)
		}
		for range times {
			if err := conn.PublishRequest(through, target, []byte(nonce)); err != nil {
				return err
			}
		}
		return nil
	}, effect: func(s *scene, _ string) bool { return s.heard(target, "") }}
}

// answering answers what the operator's bus hears: manifests, and contents.
type answering struct{ bus *bus.Bus }

var _ bus.Listener = answering{}

// State is not answered.
func (answering) State(contract.DeviceID, []byte) {}

// Info is not answered.
func (answering) Info(contract.DeviceID, []byte) {}

// Heartbeat is not answered.
func (answering) Heartbeat(contract.DeviceID, []byte) {}

// Fetch is answered, whoever asks.
func (a answering) Fetch(device contract.DeviceID, digest string) {
	if digest != "" {
		_ = a.bus.AnswerBody(device, digest, []byte("answer")) // what is not answered is missed
		return
	}
	_ = a.bus.AnswerManifest(device, []byte("answer"))
}
