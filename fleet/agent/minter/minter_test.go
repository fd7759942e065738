// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package minter

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/agent/clock"
	"nationtech.io/harmony/fleet/agent/config"
	"nationtech.io/harmony/fleet/assertion"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/issuer/issuertest"
	"nationtech.io/harmony/fleet/issuer/registry"
)

// enrolled is a device with a key that this issuer knows, and its configuration.
func enrolled(t *testing.T, i *issuertest.Issuer) config.Profile {
	t.Helper()
	key, text, err := assertion.New()
	if err != nil {
		t.Fatal(err)
	}
	public, err := registry.ParseKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := i.Registry.Enrol("press-07", []contract.Role{contract.RoleDevice}, &public, time.Now()); err != nil {
		t.Fatal(err)
	}
	return profile(t, i.URL, string(text))
}

func profile(t *testing.T, issuer, key string) config.Profile {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "key.pem")
	toml := fmt.Sprintf("device = \"press-07\"\n[nats]\nurls = [\"nats://127.0.0.1:1\"]\n[credentials]\ntype = \"jwt-profile\"\nissuer = %q\nkey_file = %q\n", issuer, file)
	for name, content := range map[string]string{file: key, filepath.Join(dir, "agent.toml"): toml} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c, err := config.Load(filepath.Join(dir, "agent.toml"))
	if err != nil {
		t.Fatal(err)
	}
	return *c.Profile
}

func notGiven(err error) bool {
	var d *diag.Diagnostic
	return errors.As(err, &d) && d.Code == diag.TokenNotGiven
}

func TestEachTokenIsAnother(t *testing.T) {
	m := New(enrolled(t, issuertest.Start(t, io.Discard)), clock.New(clock.Machine{}, time.Time{}))
	first, err := m.Token(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if second, err := m.Token(t.Context()); err != nil || second.Equal(first) || second.IsZero() {
		t.Errorf("%v", err)
	}
}

func TestWhyThereIsNoToken(t *testing.T) {
	i := issuertest.Start(t, io.Discard)
	p := enrolled(t, i)
	if _, err := i.Registry.Revoke("press-07", time.Now()); err != nil {
		t.Fatal(err)
	}
	if _, err := New(p, clock.New(clock.Machine{}, time.Time{})).Token(t.Context()); !notGiven(err) || !strings.Contains(err.Error(), "revoked") {
		t.Errorf("revoked: %v", err)
	}
	var answer http.HandlerFunc
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { answer(w, r) }))
	defer server.Close()
	p.Issuer = server.URL
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		want   string
	}{
		"another name":   {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"issuer":"https://other.example"}`) }, "calls itself https://other.example"},
		"sent elsewhere": {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, i.URL, http.StatusFound) }, "elsewhere"},
		"an error":       {func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusBadGateway) }, "502"},
		"no JSON":        {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "hello") }, "read the provider's answer"},
		"no token": {func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost {
				fmt.Fprint(w, `{}`)
				return
			}
			fmt.Fprintf(w, `{"issuer":%q,"token_endpoint":%q}`, server.URL, server.URL)
		}, "there is no token"},
	} {
		answer = c.answer
		if _, err := New(p, clock.New(clock.Machine{}, time.Time{})).Token(t.Context()); !notGiven(err) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	server.Close()
	if _, err := New(p, clock.New(clock.Machine{}, time.Time{})).Token(t.Context()); !notGiven(err) {
		t.Errorf("nobody answers: %v", err)
	}
}

func TestTheSpreadIsTheProvidersAndHasABound(t *testing.T) {
	spread := func(p config.Profile) time.Duration {
		m := New(p, clock.New(clock.Machine{}, time.Time{}))
		if _, err := m.Token(t.Context()); err != nil {
			t.Fatal(err)
		}
		return m.Spread()
	}
	if got := spread(enrolled(t, issuertest.Start(t, io.Discard))); got != 0 {
		t.Errorf("nobody said anything, and it is %s", got)
	}
	i := issuertest.StartWith(t, io.Discard, issuertest.Options{ConnectsPerSecond: 1})
	for n := range 9 {
		i.Enrol(fmt.Sprintf("oven-%d", n), contract.RoleDevice)
	}
	i.Enrol("screen", contract.RoleReader)
	p := enrolled(t, i)
	if got := spread(p); got != 15*time.Second {
		t.Errorf("10 devices, one each second: %s", got)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `{"issuer":"http://%s","token_endpoint":"http://%[1]s/t","access_token":"t","reconnect_spread":9223372036854775807}`, r.Host)
	}))
	defer server.Close()
	p.Issuer = server.URL
	if got := spread(p); got != maxSpread {
		t.Errorf("a provider that wants nobody back: %s", got)
	}
}

func TestAKeyThatOthersCanReadIsNotUsed(t *testing.T) {
	p := enrolled(t, issuertest.Start(t, io.Discard))
	m := New(p, clock.New(clock.Machine{}, time.Time{}))
	if _, err := p.Key(); err != nil {
		t.Fatal(err)
	}
	for _, file := range files(t, p) {
		if err := os.Chmod(file, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := m.Token(t.Context()); !notGiven(err) || !strings.Contains(err.Error(), "open to others") {
		t.Error(err)
	}
}

// files finds the key, which nobody but the configuration knows.
func files(t *testing.T, p config.Profile) []string {
	t.Helper()
	_, file, ok := strings.Cut(fmt.Sprintf("%+v", p), "keyFile:")
	if !ok {
		t.Fatal("the profile names no file")
	}
	return []string{strings.Fields(file)[0]}
}
