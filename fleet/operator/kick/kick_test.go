// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kick_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"go.uber.org/goleak"

	"nationtech.io/harmony/fleet/callout"
	"nationtech.io/harmony/fleet/callout/callouttest"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/operator/kick"
	"nationtech.io/harmony/wait"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func id(t *testing.T, name string) contract.DeviceID {
	t.Helper()
	device, err := contract.ParseDeviceID(name)
	if err != nil {
		t.Fatal(err)
	}
	return device
}

// only wants the devices of those names.
func only(t *testing.T, names ...string) func(contract.DeviceID) bool {
	t.Helper()
	var wanted []contract.DeviceID
	for _, name := range names {
		wanted = append(wanted, id(t, name))
	}
	return func(d contract.DeviceID) bool { return slices.Contains(wanted, d) }
}

func kicker(t *testing.T, url, user, file string) *kick.Kicker {
	t.Helper()
	k, err := kick.Open(kick.Config{URL: url, User: user, PasswordFile: file}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(k.Close)
	return k
}

// gone waits until a connection was closed by its server.
func gone(t *testing.T, conn *nats.Conn) {
	t.Helper()
	err := wait.Until(t.Context(), "a connection that is closed", wait.Pace{Limit: 20 * time.Second}, func(context.Context) (string, bool, error) {
		return "it stands", conn.IsClosed(), nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestTheConnectionsOfADeviceAreClosedOnEveryServerAndThoseOfOthersStand(t *testing.T) {
	w := callouttest.StartWith(t, callouttest.Options{Servers: 3})
	w.Callout(func(*callout.Config) {})
	press, oven := w.Enrol("press-07"), w.Enrol("oven-11")
	var pressed, others []*nats.Conn
	for i, url := range w.URLs() {
		for _, d := range []struct {
			name, token string
			list        *[]*nats.Conn
		}{{"press-07", w.Issuer.Token("press-07", press), &pressed}, {"oven-11", w.Issuer.Token("oven-11", oven), &others}} {
			conn, err := w.DialAs(d.name, d.token, at(url))
			if err != nil {
				t.Fatalf("server %d: %v", i, err)
			}
			*d.list = append(*d.list, conn)
		}
	}
	k := kicker(t, w.URL(), callouttest.Kicker, w.PasswordFile(callouttest.Kicker))
	began := time.Now()
	closed, err := k.Kick(t.Context(), only(t, "press-07", "lathe-01"))
	if err != nil || len(closed) != 1 || closed[id(t, "press-07")] != 3 {
		t.Fatalf("%v, %v", closed, err)
	}
	for _, conn := range pressed {
		gone(t, conn)
	}
	t.Logf("3 connections on 3 servers were closed in %s", time.Since(began))
	for _, conn := range others {
		if err := conn.Flush(); err != nil {
			t.Errorf("another device: %v", err)
		}
	}
	if again, err := k.Kick(t.Context(), only(t, "press-07")); err != nil || len(again) != 0 {
		t.Errorf("a second time: %v, %v", again, err)
	}
}

func at(url string) nats.Option {
	return func(o *nats.Options) error { o.Servers, o.Url = []string{url}, url; return nil }
}

func TestADeviceThatNeitherListensNorSaysWhoItIsIsFound(t *testing.T) {
	w := callouttest.Start(t)
	w.Callout(func(*callout.Config) {})
	key := w.Enrol("press-07")
	conn, err := w.DialAs("press-07", w.Issuer.Token("press-07", key), nats.UserInfo("device-oven-11", ""), nats.Token(w.Issuer.Token("press-07", key)))
	if err != nil {
		t.Fatal(err)
	}
	k := kicker(t, w.URL(), callouttest.Kicker, w.PasswordFile(callouttest.Kicker))
	if closed, err := k.Kick(t.Context(), only(t, "press-07")); err != nil || closed[id(t, "press-07")] != 1 {
		t.Fatalf("%v, %v", closed, err)
	}
	gone(t, conn)
}

// secured starts a server that knows devices by passwords, and gives where it is.
func secured(t *testing.T, devices ...string) (url, dir string) {
	t.Helper()
	dir = t.TempDir()
	var users strings.Builder
	for _, name := range devices {
		fmt.Fprintf(&users, "{ user: %q, password: x }, ", contract.DeviceUser(id(t, name)))
	}
	file := filepath.Join(dir, "nats.conf")
	for path, text := range map[string]string{
		filepath.Join(dir, "password"): "x\n",
		file:                           fmt.Sprintf("accounts { SYS: { users: [ { user: kicker, password: x } ] }, DEVICES: { users: [ %s{ user: nobody, password: x } ] } }\nsystem_account: SYS\n", &users),
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	options, err := server.ProcessConfigFile(file)
	if err != nil {
		t.Fatal(err)
	}
	options.Host, options.Port, options.NoLog, options.NoSigs = "127.0.0.1", server.RANDOM_PORT, true, true
	s, err := server.NewServer(options)
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	if !s.ReadyForConnections(10 * time.Second) {
		t.Fatal("nats-server does not listen")
	}
	return s.ClientURL(), dir
}

func TestDevicesThatHavePasswordsAreKnownByTheirUserHoweverManyPagesThereAre(t *testing.T) {
	url, dir := secured(t, "press-07", "oven-11")
	var conns []*nats.Conn
	for i := range 40 {
		name := []string{"press-07", "oven-11"}[i%2]
		conn, err := nats.Connect(url, nats.UserInfo(contract.DeviceUser(id(t, name)), "x"), nats.NoReconnect(), nats.Name("whatever"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(conn.Close)
		conns = append(conns, conn)
	}
	k := kicker(t, url, "kicker", filepath.Join(dir, "password"))
	k.Paged(3)
	if closed, err := k.Kick(t.Context(), only(t, "press-07")); err != nil || closed[id(t, "press-07")] != 20 {
		t.Fatalf("%v, %v", closed, err)
	}
	for i, conn := range conns {
		if i%2 == 0 {
			gone(t, conn)
		} else if err := conn.Flush(); err != nil {
			t.Errorf("another device: %v", err)
		}
	}
}

func TestAKickerThatIsNotLetInSaysSo(t *testing.T) {
	url, dir := secured(t, "press-07")
	k := kicker(t, url, "stranger", filepath.Join(dir, "password"))
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	if closed, err := k.Kick(ctx, only(t, "press-07")); err == nil {
		t.Errorf("it closed %v", closed)
	}
}
