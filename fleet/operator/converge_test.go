// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"errors"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"nationtech.io/harmony/fleet/agent/natstest"
	"nationtech.io/harmony/fleet/contract"
)

// Its status would say nothing, and no rollout go on, for as long as both live.
func TestADeviceOfWhichThereAreTwoKeepsNoLeaderFromItsWork(t *testing.T) {
	r, now := leading(t, natstest.Start(t, nil)), time.Now()
	r.state.SetDevice("press-07", nil, now)
	for _, instance := range []string{"one", "two", "one"} {
		r.state.Heartbeat("press-07", instance, "", now)
	}
	if err := r.write(t.Context(), now); err != nil {
		t.Fatal(err)
	}
	if r.converges(t, now); !r.converged.Load() {
		t.Errorf("it waits: %+v", r.state.Summary())
	}
}

// While the buckets cannot be made, or NATS is away, no device can be told or heard.
func TestALeaderWaitsForDevicesFromWhenItCanTellThem(t *testing.T) {
	r, now := leading(t, natstest.Start(t, nil)), time.Now()
	r.state.SetDevice("press-07", nil, now)
	r.state.Await("press-07", true)
	r.ready.Store(false)
	now = now.Add(10 * hearWithin)
	r.converges(t, now)
	r.ready.Store(true)
	if err := r.write(t.Context(), now); err != nil {
		t.Fatal(err)
	}
	if r.converges(t, now.Add(time.Second)); r.converged.Load() {
		t.Error("it goes on without a device that it has just told something")
	}
	if r.converges(t, now.Add(hearWithin+time.Second)); !r.converged.Load() {
		t.Errorf("it waits for ever for a device that is silent: %+v", r.state.Summary())
	}
}

// Who deletes a bucket is found out by the next write, not within a minute.
func TestABucketIsMadeAgainWhenAWriteFails(t *testing.T) {
	server := natstest.Start(t, nil)
	r, now := leading(t, server), time.Now()
	r.orphans.mended = now
	js, err := jetstream.New(server.Fleet())
	if err == nil {
		err = js.DeleteKeyValue(t.Context(), contract.BucketDesired)
	}
	if err != nil {
		t.Fatal(err)
	}
	r.state.SetDevice("press-07", nil, now)
	err = r.write(t.Context(), now)
	if n := r.state.Summary().Unwritten; err != nil || n != 1 {
		t.Fatalf("%d are to be written, to a bucket that is gone: %v", n, err)
	}
	err = errors.Join(r.keep(t.Context(), now.Add(time.Second)), r.write(t.Context(), now))
	if n := r.state.Summary().Unwritten; err != nil || n != 0 {
		t.Errorf("%d are to be written: %v", n, err)
	}
}

func (r *reign) converges(t *testing.T, now time.Time) {
	t.Helper()
	if err := r.converge(t.Context(), now); err != nil {
		t.Fatal(err)
	}
}
