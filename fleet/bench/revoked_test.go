// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	natsgo "github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"

	"nationtech.io/harmony/fleet/agent/natstest"
	"nationtech.io/harmony/fleet/callout/callouttest"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/operator/kick"
)

func TestTheMeasuredServerKnowsWhoClosesConnections(t *testing.T) {
	id, err := contract.ParseDeviceID("bench-0")
	if err != nil {
		t.Fatal(err)
	}
	ports, err := freePorts(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	w := &identityWorld{dir: t.TempDir(), devices: []*identity{{id: id}}, natsPort: ports[0]}
	w.signing = natstest.Callout{Signing: callouttest.NewKey(t, nkeys.CreateAccount).Public, Sealing: callouttest.NewKey(t, nkeys.CreateCurveKeys).Public}
	if err := os.WriteFile(w.file("password"), []byte(password), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := w.configure(); err != nil {
		t.Fatal(err)
	}
	options, err := server.ProcessConfigFile(w.file("nats.conf"))
	if err != nil {
		t.Fatal(err)
	}
	options.NoLog, options.NoSigs = true, true
	s, err := server.NewServer(options)
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	if !s.ReadyForConnections(10 * time.Second) {
		t.Fatal("nats-server does not listen")
	}
	for _, user := range []string{operatorUser, calloutFor} {
		conn, err := natsgo.Connect(w.url(), natsgo.UserInfo(user, password))
		if err != nil {
			t.Fatalf("%s: %v", user, err)
		}
		conn.Close()
	}
	device, err := natsgo.Connect(w.url(), natsgo.UserInfo(plainUser(0), password), natsgo.Name(contract.ConnectionName(id)), natsgo.NoReconnect())
	if err != nil {
		t.Fatal(err)
	}
	defer device.Close()
	k, err := kick.Open(kick.Config{URL: w.url(), User: kickerUser, PasswordFile: w.file("password")}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer k.Close()
	closed, err := k.Kick(t.Context(), func(d contract.DeviceID) bool { return d == id })
	if err != nil || closed[id] != 1 {
		t.Errorf("closed %v: %v", closed, err)
	}
}
