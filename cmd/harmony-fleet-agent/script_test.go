// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"nationtech.io/harmony/fleet/agent/natstest"
	"nationtech.io/harmony/fleet/command"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/issuer/issuertest"
	"nationtech.io/harmony/fleet/issuer/registry"
	"nationtech.io/harmony/wait"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"harmony-fleet-agent": main})
}

// The stories run the real program; $NATS is a real server that knows press-07 with the password "p", and $ISSUER a real
// issuer, at which any device may ask with $TOKEN.
func TestScripts(t *testing.T) {
	press, err := contract.ParseDeviceID("press-07")
	if err != nil {
		t.Fatal(err)
	}
	s := natstest.Start(t, map[contract.DeviceID]string{press: "p"})
	issuer := issuertest.Start(t, io.Discard)
	_, err = issuer.Registry.AddJoinToken(registry.JoinToken{
		ID: registry.TokenID("a-token"), Left: 10, Until: time.Now().Add(time.Hour), Access: contract.Access{NATS: []string{s.URL()}},
	}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			e.Setenv("NATS", s.URL())
			e.Setenv("ISSUER", issuer.URL)
			e.Setenv("TOKEN", "a-token")
			free, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
			if err != nil {
				return err
			}
			e.Setenv("HEALTH", free.Addr().String())
			return free.Close()
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"ping":   func(ts *testscript.TestScript, _ bool, _ []string) { ping(t, ts, s, press) },
			"holds":  holds,
			"answer": func(ts *testscript.TestScript, deny bool, args []string) { answer(ts, issuer, deny, args[0]) },
		},
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

// answer approves a device that asks, or denies it: ! answer NAME.
func answer(ts *testscript.TestScript, issuer *issuertest.Issuer, deny bool, name string) {
	all, err := issuer.Registry.Joins()
	ts.Check(err)
	for _, j := range all {
		if j.Device != name {
			continue
		}
		if deny {
			_, err = issuer.Registry.Deny(name, j.Key.ID, time.Now())
		} else {
			_, err = issuer.Registry.Approve(name, j.Key.ID, false, time.Now())
		}
		ts.Check(err)
		return
	}
	ts.Fatalf("no device asks as %s", name)
}

// holds waits until a file holds a text: holds FILE TEXT.
func holds(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(wait.Until(context.Background(), args[0]+" to say "+args[1], wait.Pace{Limit: 20 * time.Second}, func(context.Context) (string, bool, error) {
		text, err := os.ReadFile(ts.MkAbs(args[0]))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", false, err
		}
		return string(text), strings.Contains(string(text), args[1]), nil
	}))
}
