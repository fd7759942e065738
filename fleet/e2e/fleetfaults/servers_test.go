// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package fleetfaults

import (
	"context"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"nationtech.io/harmony/fleet/sim"
	"nationtech.io/harmony/wait"
)

// processes are faults of the programs of the control plane.
func processes() []fault {
	return []fault{
		{name: "operator-killed", do: func(w *world) { w.killOperator(); w.killOperator() }},
		{name: "nats-killed", do: func(w *world) { w.killNATS(); w.killNATS(); w.killNATS() }},
		{name: "operator-and-nats-killed", do: func(w *world) { w.operator.is().kill(); w.killNATS() }},
		{name: "two-operators", do: twoOperators},
		{name: "devices-powered-off", do: powerOff},
	}
}

// killOperator kills the operator that leads, at a random moment, and waits until another does.
func (w *world) killOperator() {
	w.t.Helper()
	w.moment(200*time.Millisecond, 4*time.Second)
	before, err := w.state(w.t.Context())
	check(w.t, err)
	w.operator.kill()
	check(w.t, w.leads(w.t.Context(), before.Status.Term))
}

// killNATS kills NATS at a random moment, and starts it again some moments later.
func (w *world) killNATS() {
	w.t.Helper()
	w.moment(200*time.Millisecond, 4*time.Second)
	w.nats.kill()
	w.moment(0, 2*time.Second)
	check(w.t, w.natsUp())
}

// twoOperators has an operator sleep until another one leads: when it wakes up it takes itself for the leader.
func twoOperators(w *world) {
	second := w.another("two")
	check(w.t, second.up())
	w.moment(time.Second, 3*time.Second)
	before, err := w.state(w.t.Context())
	check(w.t, err)
	sleeper := w.operator.is()
	sleeper.signal(syscall.SIGSTOP)
	check(w.t, w.leads(w.t.Context(), before.Status.Term))
	w.moment(time.Second, 4*time.Second)
	sleeper.signal(syscall.SIGCONT)
	w.moment(3*time.Second, 5*time.Second)
	w.calm()
	w.settled(heals)
	// Of both, the one that is left must not need the other.
	second.down()
	check(w.t, w.leads(w.t.Context(), before.Status.Term))
}

// powerOff takes the power from some devices while they are told something new.
func powerOff(w *world) {
	all := w.some(few / 3)
	for _, b := range all {
		b.device.Behave(sim.Behaviour{Offline: sim.Span{To: time.Hour}})
		w.moment(0, 300*time.Millisecond)
	}
	w.moment(time.Second, 5*time.Second)
	for _, b := range all {
		b.device.Behave(sim.Behaviour{})
	}
}

// buckets are faults of what NATS keeps.
func buckets() []fault {
	return []fault{
		{name: "nats-storage-deleted", do: func(w *world) {
			w.moment(200*time.Millisecond, 4*time.Second)
			w.nats.kill()
			check(w.t, os.RemoveAll(filepath.Join(w.dir, "streams")))
			check(w.t, w.natsUp())
		}},
		{name: "desired-bucket-deleted", do: func(w *world) { w.deleteBucket("KV_desired-state") }},
		{name: "releases-bucket-deleted", do: func(w *world) { w.deleteBucket("KV_releases") }},
		{name: "body-purged-before-a-slow-device-came", calm: true, do: purgeBody},
	}
}

// deleteBucket deletes a bucket. The next write that fails tells the operator.
func (w *world) deleteBucket(stream string) {
	w.moment(200*time.Millisecond, 4*time.Second)
	check(w.t, w.streams(func(ctx context.Context, js jetstream.JetStream) error { return js.DeleteStream(ctx, stream) }))
}

// purgeBody takes the content of a release out of its bucket before a device that was off has fetched it.
func purgeBody(w *world) {
	slow := w.some(3)
	for _, b := range slow {
		b.device.Behave(sim.Behaviour{Offline: sim.Span{To: time.Hour}})
	}
	check(w.t, wait.Sleep(w.t.Context(), 2*time.Second)) // they hear what is on its way
	for _, b := range slow {
		b.away = true
	}
	for i := range names {
		w.putAny(i)
	}
	w.settled(time.Minute)
	check(w.t, w.streams(func(ctx context.Context, js jetstream.JetStream) error {
		s, err := js.Stream(ctx, "KV_releases")
		if err != nil {
			return err
		}
		return s.Purge(ctx)
	}))
	for _, b := range slow {
		b.away = false
		b.device.Behave(sim.Behaviour{})
	}
}
