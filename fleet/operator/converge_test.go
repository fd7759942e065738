// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"testing"
	"time"

	"nationtech.io/harmony/fleet/agent/natstest"
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

func (r *reign) converges(t *testing.T, now time.Time) {
	t.Helper()
	if err := r.converge(t.Context(), now); err != nil {
		t.Fatal(err)
	}
}
