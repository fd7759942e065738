// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package agent

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nationtech.io/harmony/fleet/agent/config"
	"nationtech.io/harmony/fleet/assertion"
	"nationtech.io/harmony/fleet/callout"
	"nationtech.io/harmony/fleet/callout/callouttest"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/issuer/registry"
)

// runWithKey starts an agent for press-07 whose key that world's issuer knows.
func runWithKey(t *testing.T, w *callouttest.World) *rig {
	t.Helper()
	made, text, err := assertion.New()
	if err != nil {
		t.Fatal(err)
	}
	public, err := registry.ParseKey(made.Public())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Issuer.Registry.Enrol(press.String(), []contract.Role{contract.RoleDevice}, &public, time.Now()); err != nil {
		t.Fatal(err)
	}
	w.Directory.Set(press.String(), callout.Allowed)
	dir := t.TempDir()
	toml := fmt.Sprintf("device = %q\nheartbeat_interval = \"100ms\"\n[nats]\nurls = [%q]\n[credentials]\ntype = \"jwt-profile\"\nissuer = %q\nkey_file = %q\n[health]\nlisten = \"\"\n",
		press, w.URL(), w.Issuer.URL, filepath.Join(dir, "key.pem"))
	for name, content := range map[string]string{"key.pem": string(text), "agent.toml": toml} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c, err := config.Load(filepath.Join(dir, "agent.toml"))
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{Agent: New(c, Gather("v-test", "pod-uid"), slog.New(slog.DiscardHandler)), t: t, ended: make(chan error, 1)}
	r.start()
	return r
}

func TestADeviceWithAKeyIsLetInAndTakesANewTokenForEachConnection(t *testing.T) {
	w := callouttest.Start(t)
	w.Callout(func(*callout.Config) {})
	r := runWithKey(t, w)
	answers(t, w.Static(callouttest.Administrator))
	w.Restart()
	r.untilLink("the connection is back", func(l LinkStatus) bool { return l.Connected && l.Connects > 1 })
	if issued := strings.Count(w.Log.String(), `"outcome":"issued"`); issued < 2 {
		t.Errorf("%d tokens for two connections", issued)
	}
}

func TestARevokedDeviceIsToldSo(t *testing.T) {
	w := callouttest.Start(t)
	w.Callout(func(*callout.Config) {})
	r := runWithKey(t, w)
	r.untilLink("connected", func(l LinkStatus) bool { return l.Connected })
	if _, err := w.Issuer.Registry.Revoke(press.String(), time.Now()); err != nil {
		t.Fatal(err)
	}
	w.Restart()
	r.untilLink("why it is not let in", func(l LinkStatus) bool {
		return !l.Connected && strings.Contains(l.LastError, "this machine was revoked")
	})
}
