// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package nats

import (
	"crypto/tls"
	"crypto/x509"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"
	"nationtech.io/harmony/score/nats/internal/conf"
)

func asked() Score {
	s := example()
	s.Callout = &Callout{Account: "FLEET"}
	return s
}

// trusting is a client that pins the Score's authority.
func trusting(t *testing.T, s Score) *tls.Config {
	t.Helper()
	return pinning(s, keep(t, s).certificate.Authority)
}

// pinning trusts one authority alone.
func pinning(s Score, authority string) *tls.Config {
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM([]byte(authority))
	return &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: pool, ServerName: s.Ref().ServerName()}
}

func TestAServerAsksTheCalloutAboutStrangersAlone(t *testing.T) {
	s := asked()
	srv := start(t, s)
	for _, user := range s.users() {
		login(t, srv, s, user)
	}
	boss := login(t, srv, s, "boss")
	questions, err := boss.SubscribeSync("$SYS.REQ.USER.AUTH")
	if err != nil {
		t.Fatal(err)
	}
	if err := boss.Flush(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_, _ = nats.Connect(srv.ClientURL(), nats.Token("of a stranger"), nats.Timeout(10*time.Second))
	}() // which nobody lets in
	m, err := questions.NextMsg(10 * time.Second)
	if err != nil {
		t.Fatalf("the callout is not asked: %v", err)
	}
	keys, _, err := s.Ref().CalloutKeys(t.Context(), generating{}, *s.Callout)
	if err != nil {
		t.Fatal(err)
	}
	seeds := strings.Fields(keys.Seeds.Reveal())
	if len(seeds) != 4 {
		t.Fatalf("there are %d seeds", len(seeds))
	}
	sealing, err := nkeys.FromCurveSeed([]byte(seeds[1]))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sealing.Open(m.Data, m.Header.Get("Nats-Server-Xkey")); err != nil {
		t.Errorf("the callout's key does not open the question: %v", err)
	}
}

// Servers take new keys before the callout is deployed anew, and after it when someone deploys that alone.
func TestTheCalloutHasTheKeysBeforeAndAfter(t *testing.T) {
	s := asked()
	first, _, err := s.Ref().CalloutKeys(t.Context(), generating{}, *s.Callout)
	if err != nil {
		t.Fatal(err)
	}
	s.Callout.Keys = 2
	second, _, err := s.Ref().CalloutKeys(t.Context(), generating{}, *s.Callout)
	if err != nil {
		t.Fatal(err)
	}
	one, two := strings.Fields(first.Seeds.Reveal()), strings.Fields(second.Seeds.Reveal())
	if len(one) != 4 || len(two) != 6 || !slices.Equal(one[2:], two[:2]) || !slices.Equal(one[:2], two[4:]) {
		t.Error("the callout has not the keys of its servers, the next, and those before")
	}
	before, after := restart(t, asked()), restart(t, s)
	if before == after {
		t.Error("servers take new keys over at a start only, and do not restart")
	}
}

func restart(t *testing.T, s Score) string {
	t.Helper()
	c, err := s.config(keep(t, s))
	if err != nil {
		t.Fatal(err)
	}
	return c.Restart
}

func TestClientsThatPinTheAuthorityConnectAndNobodyWithoutTLS(t *testing.T) {
	s := asked()
	s.TLS = &TLS{}
	srv := start(t, s)
	boss := nats.UserInfo("boss", passwords(s)["boss"].Reveal())
	if _, err := nats.Connect(srv.ClientURL(), boss, nats.Secure(&tls.Config{MinVersion: tls.VersionTLS12, RootCAs: x509.NewCertPool()})); err == nil {
		t.Error("a client that trusts nobody trusts it")
	}
	conn, err := nats.Connect(srv.ClientURL(), boss, nats.Secure(trusting(t, s)))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.TLSConnectionState(); err != nil {
		t.Errorf("the server takes connections without TLS: %v", err)
	}
}

// With another name in it, the certificate is another one, as it is in the next era.
func TestARunningServerTakesOverANewCertificate(t *testing.T) {
	s := asked()
	s.TLS = &TLS{}
	srv := start(t, s)
	renewed := s
	renewed.Hosts = []string{"nats.example.com"}
	if restart(t, s) != restart(t, renewed) {
		t.Error("a new certificate restarts servers")
	}
	c, err := renewed.config(keep(t, renewed))
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Dir(srv.StoreDir()), keep(t, renewed), c)
	if got := served(t, srv, s); got == "nats.example.com" {
		t.Fatal("it has the new certificate already")
	}
	if err := srv.Reload(); err != nil {
		t.Fatal(err)
	}
	if got := served(t, srv, s); got != "nats.example.com" {
		t.Errorf("the last name of its certificate is %s", got)
	}
}

// served is the last name in the certificate that a server shows.
func served(t *testing.T, srv *server.Server, s Score) string {
	t.Helper()
	conn, err := nats.Connect(srv.ClientURL(), nats.UserInfo("boss", passwords(s)["boss"].Reveal()), nats.Secure(trusting(t, s)))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	state, err := conn.TLSConnectionState()
	if err != nil {
		t.Fatal(err)
	}
	names := state.PeerCertificates[0].DNSNames
	return names[len(names)-1]
}

// Whoever is connected and is none of these was let in by the callout, which must answer when a server is reloaded.
func TestAReloadKnowsWhomTheCalloutDoesNotLetIn(t *testing.T) {
	if known := example().running(conf.File{}).Known; len(known) > 0 {
		t.Errorf("there is no callout, and known are %v", known)
	}
	if known := asked().running(conf.File{}).Known; !slices.Contains(known, "boss") || !slices.Contains(known, systemUser) {
		t.Errorf("known are %v", known)
	}
}
