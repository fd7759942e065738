// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package sim_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"nationtech.io/harmony/fleet/agent/natstest"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/sim"
	"nationtech.io/harmony/wait"
)

const limit = 20 * time.Second

// ids are names of devices.
func ids(t *testing.T, n int) (all []contract.DeviceID) {
	t.Helper()
	for i := range n {
		id, err := contract.ParseDeviceID(fmt.Sprintf("sim-%d", i))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, id)
	}
	return all
}

func login(devices []contract.DeviceID) (user, password string) {
	return devices[0].String(), devices[0].String()
}

// heard counts the messages on a subject, with the connection of the control plane.
func heard(t *testing.T, s *natstest.Server, subject string) *atomic.Int64 {
	t.Helper()
	var n atomic.Int64
	conn := s.Fleet()
	if _, err := conn.Subscribe(subject, func(*nats.Msg) { n.Add(1) }); err != nil {
		t.Fatal(err)
	}
	if err := conn.Flush(); err != nil {
		t.Fatal(err)
	}
	return &n
}

func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	if err := wait.Until(t.Context(), what, wait.Pace{Limit: limit}, func(context.Context) (string, bool, error) { return "", is(), nil }); err != nil {
		t.Fatal(err)
	}
}

func TestAFleetLivesOnAFewConnectionsAndComesBackAfterItsServer(t *testing.T) {
	const n = 25
	groups := sim.Groups(ids(t, n), 10)
	if len(groups) != 3 || len(groups[2]) != 5 {
		t.Fatalf("%d groups", len(groups))
	}
	s := natstest.StartShared(t, groups)
	infos, beats := heard(t, s, "fleet.info.*"), heard(t, s, "fleet.heartbeat.*")
	lines, err := sim.Connect(t.Context(), s.URL(), login, groups)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { sim.Close(lines) })
	f := sim.New(lines, sim.Config{Beat: 200 * time.Millisecond})
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- f.Run(ctx) }()
	until(t, "all to live", func() bool { return infos.Load() == n && beats.Load() > 3*n })
	s.Down()
	s.Up()
	until(t, "all to say again what they are", func() bool { return infos.Load() >= 2*n })
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if c := f.Books.Counts(); c.Denied+c.Missed != 0 {
		t.Errorf("%+v", c)
	}
}

func TestALineThatMayNotLogInIsSaid(t *testing.T) {
	groups := sim.Groups(ids(t, 3), 1)
	s := natstest.StartShared(t, groups)
	_, err := sim.Connect(t.Context(), s.URL(), func(d []contract.DeviceID) (user, password string) { return d[0].String(), "wrong" }, groups)
	if err == nil {
		t.Error("devices log in with a wrong password")
	}
}
