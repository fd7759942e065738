// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"nationtech.io/harmony/internal/needs"
	"nationtech.io/harmony/wait"
)

// pings asks a device, as people do, until it answers, or until it does not.
func (p person) pings(t *testing.T, device string, answers bool) {
	t.Helper()
	start := time.Now()
	err := wait.Until(t.Context(), device+" to answer, or not to", wait.Pace{Limit: time.Minute}, func(context.Context) (string, bool, error) {
		said, code := p.types(t, "ping", device)
		return said, (code == 0) == answers, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s answers: %t, after %s", device, answers, time.Since(start).Round(time.Millisecond))
}

// outsider is an agent of this machine, with what enroll has written for it.
func (s *stack) outsider(t *testing.T, folder string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, "agent.toml"))
	if err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(t.TempDir(), "agent.toml")
	here := strings.NewReplacer("/etc/harmony-fleet-agent", folder, "runtime_enabled = true", "runtime_enabled = false").Replace(string(text))
	if err := os.WriteFile(config, []byte(here+"\n[health]\nlisten = \"\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	m := &machine{path: s.program(t, "harmony-fleet-agent"), config: config}
	m.start(t)
	t.Cleanup(func() {
		_ = m.process.Process.Signal(syscall.SIGTERM)
		if err := m.process.Wait(); err != nil && !errors.Is(err, os.ErrProcessDone) {
			t.Errorf("the agent does not end well: %v", err)
		}
	})
}

func TestAFleetWithAnIssuerLetsInWhomItKnowsAndCutsOffWhomItRevokes(t *testing.T) {
	s := identified(t)
	if report := s.mend(t); report.Changed() {
		t.Errorf("deployed again, it changes: %+v", report.Placements)
	}
	p, folder := s.person(t), filepath.Join(t.TempDir(), "outside")
	p.sees(t, 0, []string{"enrolled e2e-enrolled with the key", "agent.toml: written"}, "enroll", "e2e-enrolled", "--output-dir", folder)
	defer needs.Kubectl(t, "delete", "fleetdev", "e2e-enrolled")
	s.outsider(t, folder)
	for _, name := range []string{"e2e-known", "e2e-enrolled"} {
		p.pings(t, name, true)
		p.sees(t, 0, nil, "revoke", name)
		p.pings(t, name, false)
		p.sees(t, 0, nil, "allow", name)
		p.pings(t, name, true)
	}
	s.fleet.NATS.CalloutKeys = s.nats().Keys + 1 // of the shared stack, for good
	if report := s.mend(t); !report.Changed() {
		t.Error("there are no new keys")
	}
	for _, name := range []string{"e2e-known", "e2e-enrolled"} {
		p.pings(t, name, true)
	}
}
