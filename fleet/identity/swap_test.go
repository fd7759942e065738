// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package identity_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/agent/clock"
	"nationtech.io/harmony/fleet/agent/config"
	"nationtech.io/harmony/fleet/agent/minter"
	"nationtech.io/harmony/fleet/assertion"
	"nationtech.io/harmony/fleet/callout"
	"nationtech.io/harmony/fleet/callout/callouttest"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/identity"
	"nationtech.io/harmony/fleet/identity/hydratest"
	"nationtech.io/harmony/fleet/issuer/issuertest"
	"nationtech.io/harmony/fleet/issuer/registry"
)

// A provider is a real one, and what callouts and agents are told of it. They are the same programs for each.
type provider interface {
	Facts(role contract.Role) identity.Facts
	// Enrol gives the private key of a machine, as PEM text.
	Enrol(name string, role contract.Role) []byte
	Revoke(name string)
}

// own is Harmony's issuer.
type own struct {
	*issuertest.Issuer
	t *testing.T
}

func (o own) Facts(contract.Role) identity.Facts { return identity.Facts{Issuer: o.URL} }

func (o own) Enrol(name string, role contract.Role) []byte {
	o.t.Helper()
	key, text, err := assertion.New()
	if err != nil {
		o.t.Fatal(err)
	}
	public, err := registry.ParseKey(key.Public())
	if err != nil {
		o.t.Fatal(err)
	}
	if _, err := o.Registry.Enrol(name, []contract.Role{role}, &public, time.Now()); err != nil {
		o.t.Fatal(err)
	}
	return text
}

func (o own) Revoke(name string) {
	o.t.Helper()
	if _, err := o.Registry.Revoke(name, time.Now()); err != nil {
		o.t.Fatal(err)
	}
}

// mint is the minter of an agent that is told of a provider by its configuration, and by nothing else.
func mint(t *testing.T, name string, key []byte, told identity.Facts) *minter.Minter {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "key.pem")
	text := fmt.Sprintf("device = %q\n[nats]\nurls = [\"nats://127.0.0.1:1\"]\n[credentials]\ntype = \"jwt-profile\"\nissuer = %q\nkey_file = %q\n", name, told.Issuer, file)
	for field, value := range map[string]string{"scope": told.Scope, "audience": told.AssertionAudience, "client_id": told.Client} {
		if value != "" {
			text += fmt.Sprintf("%s = %q\n", field, value)
		}
	}
	for path, content := range map[string]string{file: string(key), filepath.Join(dir, "agent.toml"): text} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c, err := config.Load(filepath.Join(dir, "agent.toml"))
	if err != nil {
		t.Fatal(err)
	}
	return minter.New(*c.Profile, clock.New(clock.Machine{}, time.Time{}))
}

func token(t *testing.T, m *minter.Minter) string {
	t.Helper()
	given, err := m.Token(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return given.Reveal()
}

// The callout and the minter of agents are the same for each provider: what differs is what they are told.
func TestAFleetTakesWhicheverProvider(t *testing.T) {
	for name, start := range map[string]func(t *testing.T, w *callouttest.World) provider{
		"harmony-fleet-issuer": func(t *testing.T, w *callouttest.World) provider { return own{w.Issuer, t} },
		"Ory Hydra":            func(t *testing.T, _ *callouttest.World) provider { return hydratest.Start(t) },
	} {
		t.Run(name, func(t *testing.T) {
			w := callouttest.Start(t)
			p := start(t, w)
			w.Callout(func(c *callout.Config) {
				told := p.Facts("")
				c.Issuer, c.Audience, c.DeviceClaim, c.RolesClaim = told.Issuer, told.Audience, told.DeviceClaim, told.RolesClaim
			})
			t.Run("who is known comes in", func(t *testing.T) { letIn(t, w, p) })
			t.Run("nobody else comes in", func(t *testing.T) { keptOut(t, w, p) })
		})
	}
}

// hears tells whether a connection may subscribe: a server refuses before it answers the ping that follows.
func hears(t *testing.T, conn *nats.Conn, subject string) bool {
	t.Helper()
	if _, err := conn.SubscribeSync(subject); err != nil {
		t.Fatal(err)
	}
	if err := conn.Flush(); err != nil {
		t.Fatal(err)
	}
	return conn.LastError() == nil
}

func letIn(t *testing.T, w *callouttest.World, p provider) {
	t.Helper()
	w.Directory.Set("press-07", callout.Allowed)
	m := mint(t, "press-07", p.Enrol("press-07", contract.RoleDevice), p.Facts(contract.RoleDevice))
	first, second := token(t, m), token(t, m)
	if first == second {
		t.Error("two tokens are the same")
	}
	conn, err := w.DialAs("press-07", first)
	if err != nil {
		t.Fatalf("%v\n%s", err, w.Log)
	}
	if !hears(t, conn, "fleet.desired.press-07") || hears(t, conn, "fleet.desired.press-08") {
		t.Error("it does not have the rights of a device")
	}
	screen, err := w.Dial(nats.Token(token(t, mint(t, "screen", p.Enrol("screen", contract.RoleReader), p.Facts(contract.RoleReader)))))
	if err != nil {
		t.Fatalf("who reads is refused: %v\n%s", err, w.Log)
	}
	if !hears(t, screen, "fleet.state.*") || hears(t, screen, "fleet.desired.press-07") {
		t.Error("it does not have the rights of who reads")
	}
}

func keptOut(t *testing.T, w *callouttest.World, p provider) {
	t.Helper()
	w.Directory.Set("press-17", callout.Allowed)
	w.Directory.Set("press-18", callout.Allowed)
	device := p.Facts(contract.RoleDevice)
	m := mint(t, "press-17", p.Enrol("press-17", contract.RoleDevice), device)
	good := token(t, m)
	stranger := token(t, mint(t, "stranger", p.Enrol("stranger", contract.RoleDevice), device))
	elsewhere := issuertest.Start(t, w.Log)
	for name, show := range map[string]struct{ as, token string }{
		"as another device":                 {"press-18", good},
		"a device that the fleet lacks":     {"stranger", stranger},
		"a token that was changed":          {"press-17", good[:len(good)-4] + "AAAA"},
		"a token of another provider":       {"press-17", elsewhere.Token("press-17", elsewhere.Enrol("press-17", contract.RoleDevice))},
		"something that is no token at all": {"press-17", "hunter2"},
	} {
		if _, err := w.DialAs(show.as, show.token); !errors.Is(err, nats.ErrAuthorization) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := w.DialAs("press-17", good); err != nil {
		t.Errorf("what was refused was not refused for what it is: %v", err)
	}
	_, other, err := assertion.New()
	if err != nil {
		t.Fatal(err)
	}
	notGiven(t, "a key that it does not know", mint(t, "press-17", other, device))
	p.Revoke("press-17")
	notGiven(t, "a device that it has revoked", m)
}

func notGiven(t *testing.T, who string, m *minter.Minter) {
	t.Helper()
	_, err := m.Token(t.Context())
	var d *diag.Diagnostic
	if !errors.As(err, &d) || d.Code != diag.TokenNotGiven {
		t.Errorf("%s: %v", who, err)
	}
}
