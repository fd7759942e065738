// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package issuertest runs a real issuer on a real socket of loopback, for tests of what trusts it.
package issuertest

import (
	"crypto/tls"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nationtech.io/harmony/fleet/assertion"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/issuer"
	"nationtech.io/harmony/fleet/issuer/registry"
)

// Issuer is a running issuer.
type Issuer struct {
	*issuer.Issuer
	Registry *registry.Registry
	Plane    contract.PlaneID
	URL      string
	t        testing.TB
}

// Start starts an issuer whose new keys sign at once. It ends with the test.
func Start(t testing.TB, log io.Writer) *Issuer {
	t.Helper()
	return StartWith(t, log, Options{})
}

// Options are how an issuer differs from the usual one.
type Options struct {
	// TokenLifetime and ConnectsPerSecond are those of issuer.Config.
	TokenLifetime     time.Duration
	ConnectsPerSecond int
	// Certificate is that of an issuer which speaks TLS; nil for one that does not.
	Certificate *tls.Certificate
}

// StartWith is Start with options.
func StartWith(t testing.TB, log io.Writer, o Options) *Issuer {
	t.Helper()
	kept, err := registry.Open(filepath.Join(t.TempDir(), "registry"))
	if err != nil {
		t.Fatal(err)
	}
	var handler http.Handler
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
	server.Config.ErrorLog = slog.NewLogLogger(slog.NewJSONHandler(log, nil), slog.LevelInfo)
	if o.Certificate != nil {
		server.TLS = &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{*o.Certificate}}
		server.StartTLS()
	} else {
		server.Start()
	}
	c := issuer.Config{
		URL: server.URL, Plane: contract.NewPlaneID(), Keys: registry.Schedule{Lead: time.Nanosecond, Keep: time.Hour},
		TokenLifetime: o.TokenLifetime, ConnectsPerSecond: o.ConnectsPerSecond, Log: slog.New(slog.NewJSONHandler(log, nil)),
	}
	made, err := issuer.New(c, kept)
	if err != nil {
		t.Fatal(err)
	}
	handler = made.Handler()
	t.Cleanup(func() {
		server.Close()
		if err := kept.Close(); err != nil {
			t.Error(err)
		}
	})
	return &Issuer{Issuer: made, Registry: kept, Plane: c.Plane, URL: server.URL, t: t}
}

// Enrol makes a machine with a new key.
func (i *Issuer) Enrol(name string, roles ...contract.Role) assertion.Key {
	i.t.Helper()
	key, _, err := assertion.New()
	if err != nil {
		i.t.Fatal(err)
	}
	public, err := registry.ParseKey(key.Public())
	if err != nil {
		i.t.Fatal(err)
	}
	if _, err := i.Registry.Enrol(name, roles, &public, time.Now()); err != nil {
		i.t.Fatal(err)
	}
	return key
}

// Assertion is one that is good now.
func (i *Issuer) Assertion(name string, key assertion.Key) string {
	i.t.Helper()
	said, err := key.Sign(name, i.URL, time.Now())
	if err != nil {
		i.t.Fatal(err)
	}
	return said
}

// Token is an access token for that machine.
func (i *Issuer) Token(name string, key assertion.Key) string {
	i.t.Helper()
	a := i.Ask(i.Assertion(name, key))
	if a.Token == "" {
		i.t.Fatalf("no token: %+v", a)
	}
	return a.Token
}

// Answer is what the token endpoint says.
type Answer struct {
	Status  int    `json:"-"`
	Date    string `json:"-"`
	Token   string `json:"access_token"`
	ID      string `json:"id_token"`
	Seconds int    `json:"expires_in"`
	Error   string `json:"error"`
	Why     string `json:"error_description"`
}

// Ask shows an assertion.
func (i *Issuer) Ask(said string) Answer {
	i.t.Helper()
	return i.Post(url.Values{"grant_type": {assertion.GrantType}, "assertion": {said}})
}

// Post sends a form to the token endpoint.
func (i *Issuer) Post(form url.Values) (a Answer) {
	i.t.Helper()
	asked, err := http.NewRequestWithContext(i.t.Context(), http.MethodPost, i.URL+"/oauth/token", strings.NewReader(form.Encode()))
	if err != nil {
		i.t.Fatal(err)
	}
	asked.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := http.DefaultClient.Do(asked)
	if err != nil {
		i.t.Fatal(err)
	}
	defer answer.Body.Close()
	if err := json.NewDecoder(answer.Body).Decode(&a); err != nil {
		i.t.Fatalf("status %d: %v", answer.StatusCode, err)
	}
	a.Status, a.Date = answer.StatusCode, answer.Header.Get("Date")
	return a
}
