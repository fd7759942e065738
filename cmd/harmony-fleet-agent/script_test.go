// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"nationtech.io/harmony/fleet/agent/natstest"
	"nationtech.io/harmony/fleet/command"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/wait"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"harmony-fleet-agent": main})
}

// The stories run the real program; $NATS is a real server that knows press-07 with the password "p".
func TestScripts(t *testing.T) {
	press, err := contract.ParseDeviceID("press-07")
	if err != nil {
		t.Fatal(err)
	}
	s := natstest.Start(t, map[contract.DeviceID]string{press: "p"})
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			e.Setenv("NATS", s.URL())
			free, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
			if err != nil {
				return err
			}
			e.Setenv("HEALTH", free.Addr().String())
			return free.Close()
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"ping": func(ts *testscript.TestScript, _ bool, _ []string) { ping(t, ts, s, press) }},
	})
}

// ping waits until the device answers, and puts the UID that it tells in $POD.
func ping(t *testing.T, ts *testscript.TestScript, s *natstest.Server, device contract.DeviceID) {
	fleet := s.Fleet()
	ts.Check(wait.Until(t.Context(), "an answer to a ping", wait.Pace{Limit: 20 * time.Second}, func(ctx context.Context) (string, bool, error) {
		ctx, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		reply, err := command.Client{Conn: fleet, Caller: "test"}.Ping(ctx, device, "n-1")
		if err == nil {
			ts.Setenv("POD", reply.PodUID)
		}
		return fmt.Sprint(err), err == nil, nil
	}))
}
