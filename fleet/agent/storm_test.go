// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package agent

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"nationtech.io/harmony/fleet/agent/clock"
	"nationtech.io/harmony/fleet/agent/config"
	"nationtech.io/harmony/fleet/assertion"
	"nationtech.io/harmony/fleet/callout"
	"nationtech.io/harmony/fleet/callout/callouttest"
	"nationtech.io/harmony/fleet/callout/token"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/issuer/registry"
	"nationtech.io/harmony/wait"
)

// stormSize is how many devices are cut off at once here; make bench-identity has thousands.
const stormSize = 24

func asIs(*callout.Config) {}

// links are those of a fleet, with the configuration that a device of it has.
type links []*link

// gather connects a fleet, whose spread is a second. It is gone with the test.
func gather(t *testing.T, w *callouttest.World, n int) (all links) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	t.Cleanup(func() { stop(); running.Wait() })
	for i := range n {
		l := newLink(stormConfig(t, w, fmt.Sprintf("press-%d", i)), clock.New(clock.Machine{}, time.Time{}), slog.New(slog.DiscardHandler))
		running.Go(func() { l.run(ctx, func(*nats.Conn) error { return nil }) })
		all = append(all, l)
	}
	all.until(t, "all are connected", func(l LinkStatus) bool { return l.Connected })
	return all
}

func stormConfig(t *testing.T, w *callouttest.World, name string) config.Config {
	t.Helper()
	made, text, err := assertion.New()
	if err != nil {
		t.Fatal(err)
	}
	public, err := registry.ParseKey(made.Public())
	if err != nil {
		t.Fatal(err)
	}
	w.Directory.Set(name, callout.Allowed)
	if _, err := w.Issuer.Registry.Enrol(name, []contract.Role{contract.RoleDevice}, &public, time.Now()); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	authority := ""
	if strings.HasPrefix(w.URL(), "tls://") {
		authority = fmt.Sprintf("ca_file = %q\n", w.CA())
	}
	toml := fmt.Sprintf("device = %q\n[nats]\nurls = [%q]\nreconnect_spread = \"1s\"\n%s[credentials]\ntype = \"jwt-profile\"\nissuer = %q\nkey_file = %q\n",
		name, w.URL(), authority, w.Issuer.URL, filepath.Join(dir, "key.pem"))
	for name, content := range map[string]string{"key.pem": string(text), "agent.toml": toml} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c, err := config.Load(filepath.Join(dir, "agent.toml"))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (all links) until(t *testing.T, what string, is func(LinkStatus) bool) {
	t.Helper()
	err := wait.Until(t.Context(), what, wait.Pace{Every: 20 * time.Millisecond, Limit: time.Minute}, func(context.Context) (string, bool, error) {
		n, other := 0, LinkStatus{}
		for _, l := range all {
			if now := l.now(); is(now) {
				n++
			} else {
				other = now
			}
		}
		return fmt.Sprintf("%d of %d; another: %+v", n, len(all), other), n == len(all), nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// back waits until all are connected for at least the n-th time.
func (all links) back(t *testing.T, n int) {
	t.Helper()
	all.until(t, "all are back", func(l LinkStatus) bool { return l.Connected && l.Connects >= n })
}

// questions are those that were answered.
func questions(w *callouttest.World) int { return strings.Count(w.Log.String(), `"what":"connect"`) }

func TestAFleetComesBackWhenItsServerWasLost(t *testing.T) {
	w := callouttest.Start(t)
	w.Callout(asIs)
	all := gather(t, w, stormSize)
	before := questions(w)
	w.Restart()
	all.back(t, 2)
	t.Logf("%d questions of %d devices", questions(w)-before, len(all))
}

func TestAReloadAsksAgainAndCutsNobodyWhoseTokenIsGood(t *testing.T) {
	w := callouttest.Start(t)
	w.Callout(asIs)
	all := gather(t, w, stormSize)
	before := questions(w)
	w.Reload()
	if again := questions(w) - before; again < len(all) {
		t.Errorf("%d questions of %d devices: what a reload costs has changed", again, len(all))
	}
	all.until(t, "all are still connected", func(l LinkStatus) bool { return l.Connected && l.Connects == 1 })
}

// A server shows a token again that may have expired since: it asks about each connection when it is reloaded.
func TestAReloadCutsThoseWhoseTokenHasExpiredAndTheyComeBack(t *testing.T) {
	const good = 5 * time.Second
	w := callouttest.StartWith(t, callouttest.Options{TokenLifetime: good - token.Skew})
	w.Callout(asIs)
	all := gather(t, w, stormSize)
	if err := wait.Sleep(t.Context(), good); err != nil {
		t.Fatal(err)
	}
	w.Reload()
	all.back(t, 2)
	if !strings.Contains(w.Log.String(), `"verdict":"expired"`) {
		t.Error("no token had expired")
	}
}

func TestAFleetTakesARotatedCertificate(t *testing.T) {
	w := callouttest.StartWith(t, callouttest.Options{Secured: true})
	w.Callout(asIs)
	all := gather(t, w, stormSize)
	before := shown(t, w)
	w.Certify()
	w.Reload()
	if shown(t, w).Equal(before) {
		t.Fatal("the server serves the certificate from before")
	}
	all.back(t, 1)
	w.Restart()
	all.back(t, 2)
}

// shown is the certificate that the server shows.
func shown(t *testing.T, w *callouttest.World) *x509.Certificate {
	t.Helper()
	plain, err := net.Dial("tcp", strings.TrimPrefix(w.URL(), "tls://"))
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Close()
	if _, err := plain.Read(make([]byte, 4096)); err != nil { // INFO
		t.Fatal(err)
	}
	conn := tls.Client(plain, &tls.Config{InsecureSkipVerify: true}) //nolint:gosec // it is looked at, and nothing is said
	if err := conn.Handshake(); err != nil {
		t.Fatal(err)
	}
	return conn.ConnectionState().PeerCertificates[0]
}

func TestNobodyGivesUpWhileTheCalloutIsAwayForSeveralTokens(t *testing.T) {
	const good = 2 * time.Second
	w := callouttest.StartWith(t, callouttest.Options{TokenLifetime: good - token.Skew})
	stop := w.Callout(asIs)
	all := gather(t, w, stormSize)
	stop()
	if err := wait.Sleep(t.Context(), 3*good); err != nil {
		t.Fatal(err)
	}
	all.until(t, "who is connected stays", func(l LinkStatus) bool { return l.Connected && l.Connects == 1 })
	w.Restart()
	all.until(t, "nobody is let in", func(l LinkStatus) bool { return !l.Connected && l.LastError != "" })
	if err := wait.Sleep(t.Context(), 3*good); err != nil {
		t.Fatal(err)
	}
	w.Callout(asIs)
	all.back(t, 2)
}
