// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package issuer

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/issuer/registry"
	"nationtech.io/harmony/secret"
)

func TestANetworkOfIPv6IsOneThatFails(t *testing.T) {
	for address, want := range map[string]string{
		"192.0.2.7": "192.0.2.7", "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64", "2001:db8:1:2::1": "2001:db8:1:2::/64",
		"::ffff:192.0.2.7": "192.0.2.7", "fe80::1%eth0": "fe80::/64", "pipe": "pipe",
	} {
		if got := network(address); got != want {
			t.Errorf("%s: got %s, want %s", address, got, want)
		}
	}
}

func newIssuer(t *testing.T) *Issuer {
	t.Helper()
	kept, err := registry.Open(filepath.Join(t.TempDir(), "registry"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = kept.Close() })
	i, err := New(Config{URL: "https://issuer.example.com", Plane: contract.NewPlaneID(), Log: slog.New(slog.DiscardHandler)}, kept)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// When too many are watched, all others wait as one; administrators are none of them.
func TestWhoeverFailsFromEverywhereDoesNotKeepAdministratorsWaiting(t *testing.T) {
	i, now := newIssuer(t), time.Now()
	for n := range maxWatched + 100 {
		i.limiter.note(fmt.Sprintf("joins 10.%d.%d.1", n/256, n%256), freeOfBoth, now)
	}
	if i.limiter.pause("joins 192.0.2.7", now) == 0 {
		t.Fatal("the others do not wait")
	}
	token := secret.Random()
	asked := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/v1/list", nil)
	asked.RemoteAddr = "127.0.0.1:40000"
	asked.Header.Set("Authorization", "Bearer "+token.Reveal())
	answer := httptest.NewRecorder()
	i.Administration(token).ServeHTTP(answer, asked)
	if answer.Code != http.StatusOK {
		t.Errorf("an administrator: %d %s", answer.Code, answer.Body)
	}
}
