// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"nationtech.io/harmony/capability/messaging"
	agentclock "nationtech.io/harmony/fleet/agent/clock"
	"nationtech.io/harmony/fleet/agent/config"
	"nationtech.io/harmony/fleet/agent/minter"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/identity"
	score "nationtech.io/harmony/score/nats"
	"nationtech.io/harmony/wait"
)

// configure writes what the agent of a device of the stack is told, and gives the file.
func (s *stack) configure(t *testing.T, device contract.DeviceID, in *podman) string {
	t.Helper()
	dir := t.TempDir()
	text := fmt.Sprintf("device = %q\n", device)
	if in != nil {
		allow, err := json.Marshal(append([]string{}, in.exec...)) // a list of texts is the same in TOML
		if err != nil {
			t.Fatal(err)
		}
		text += fmt.Sprintf("runtime_enabled = true\n[runtime]\nstate_dir = %q\npodman_socket = %q\nexec_allow = %s\n", filepath.Join(dir, "state"), in.socket, allow)
	}
	shows := s.showsPassword
	if s.fleet.Identity != nil {
		shows = s.showsToken
	}
	return private(t, dir, "agent.toml", text+shows(t, dir, device)+"[health]\nlisten = \"\"\n")
}

func (s *stack) showsPassword(t *testing.T, dir string, device contract.DeviceID) string {
	t.Helper()
	login := s.nats().Device(device)
	return fmt.Sprintf("[nats]\nurls = [\"nats://%s:%d\"]\n[credentials]\ntype = \"user-pass\"\nuser = %q\npassword_file = %q\n",
		node(t), s.fleet.NATS.DevicePort, login.User, private(t, dir, "password", s.secret(t, login.Secret, score.PasswordKey)))
}

func (s *stack) showsToken(t *testing.T, dir string, device contract.DeviceID) string {
	t.Helper()
	provider := s.fleet.Server().Provider()
	m, err := provider.Machine(t.Context(), s.topology.Kubernetes(), device.String())
	if err != nil {
		t.Fatal(err)
	}
	pinned, _, err := provider.Pinned(t.Context(), s.topology.Kubernetes())
	if err != nil {
		t.Fatal(err)
	}
	facts, err := provider.Facts(t.Context(), s.topology.Kubernetes())
	if err != nil {
		t.Fatal(err)
	}
	authorities := private(t, dir, "ca.pem", pinned)
	return fmt.Sprintf("[nats]\nurls = [\"tls://%s:%d\"]\nca_file = %q\n[credentials]\ntype = \"jwt-profile\"\nissuer = %q\nkey_file = %q\nca_file = %q\n",
		node(t), s.fleet.NATS.DevicePort, authorities, facts.Issuer, private(t, dir, "key.pem", s.secret(t, m.Secret, identity.KeyFile)), authorities)
}

// connect is a connection as the device has it. Who has a key shows a token for it, when the callouts have heard of the device.
func (s *stack) connect(t *testing.T, device contract.DeviceID) *nats.Conn {
	t.Helper()
	if s.fleet.Identity == nil {
		conn, err := messaging.Connect(t.Context(), s.topology.Kubernetes(), s.nats().Login(s.nats().Device(device).User))
		if err != nil {
			t.Fatal(err)
		}
		return conn
	}
	told, err := config.Load(s.configure(t, device, nil))
	if err != nil {
		t.Fatal(err)
	}
	mint := minter.New(*told.Profile, agentclock.New(agentclock.Machine{}, time.Time{}))
	var conn *nats.Conn
	err = wait.Until(t.Context(), device.String()+" to be let in", wait.Pace{Limit: 20 * time.Second}, func(ctx context.Context) (string, bool, error) {
		token, err := mint.Token(ctx)
		if err != nil {
			return "", false, err
		}
		if conn, err = messaging.ConnectToken(t.Context(), s.topology.Kubernetes(), s.nats().Login(""), contract.ConnectionName(device), token); err != nil {
			return err.Error(), false, nil
		}
		return "", true, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

// secret is a value of a Secret beside NATS.
func (s *stack) secret(t *testing.T, name, key string) string {
	t.Helper()
	values, err := s.topology.Kubernetes().Secret(t.Context(), s.fleet.NATS.Namespace, name)
	if err != nil {
		t.Fatal(err)
	}
	return values[key].Reveal()
}

// private writes a file that nobody else reads, and gives its path.
func private(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
