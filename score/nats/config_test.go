// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package nats

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/capability/messaging"
	"nationtech.io/harmony/score/nats/internal/conf"
	"nationtech.io/harmony/secret"
)

func example() Score {
	return Score{Namespace: "demo", Accounts: []Account{
		{Name: "FLEET", JetStream: true, Exports: []string{"down.*"}, Users: []User{{Name: "boss"}}},
		{Name: "DEVICES", MaxPayload: 1024, Imports: []Import{{Account: "FLEET", Subject: "down.*"}},
			Users: []User{{Name: "one", Publish: []string{"up.one"}, Subscribe: []string{"down.one", "answer.one.>"}}}},
	}}
}

// passwords gives every user its own name, and quotes to break out of.
func passwords(s Score) map[string]secret.Value {
	all := map[string]secret.Value{}
	for _, user := range s.users() {
		all[user] = password(user)
	}
	return all
}

// generating gives every key its own name, and an authority's certificates.
type generating struct{ kube.Cluster }

func (generating) Generate(_ context.Context, _ kube.Inventory, name string, keys ...string) (map[string]secret.Value, harmony.Outcome, error) {
	all := map[string]secret.Value{}
	for _, key := range keys {
		all[key] = secret.New(name + "/" + key)
	}
	return all, harmony.Outcome{}, nil
}

// keep is what the Score keeps, with passwords of ours.
func keep(t *testing.T, s Score) kept {
	t.Helper()
	k, _, err := s.keep(t.Context(), generating{})
	if err != nil {
		t.Fatal(err)
	}
	k.passwords = passwords(s)
	return k
}

func password(user string) secret.Value { return secret.New(user + `" $x }`) }

// start runs a real server with the Score's configuration, on ports of its own.
func start(t *testing.T, s Score) *server.Server {
	t.Helper()
	return run(t, s, keep(t, s))
}

// run is start with what was kept.
func run(t *testing.T, s Score, k kept) *server.Server {
	t.Helper()
	c, err := s.config(k)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(conf.PodName, "nats-0")
	dir := t.TempDir()
	write(t, dir, k, c)
	options, err := server.ProcessConfigFile(filepath.Join(dir, configFile))
	if err != nil {
		t.Fatalf("the server does not read its configuration: %v", err)
	}
	options.NoLog, options.NoSigs = true, true
	srv, err := server.NewServer(options)
	if err != nil {
		t.Fatal(err)
	}
	srv.Start()
	t.Cleanup(func() { srv.Shutdown(); srv.WaitForShutdown() })
	if !srv.ReadyForConnections(10 * time.Second) {
		t.Fatal("the server does not start")
	}
	return srv
}

// write makes the configuration file, for a server on loopback with ports and a store of its own.
func write(t *testing.T, dir string, kept kept, c conf.File) {
	t.Helper()
	for name, text := range kept.files() {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text.Reveal()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	text := strings.NewReplacer(`"port": 4222`, `"host": "127.0.0.1", "port": -1`, `"http_port": 8222,`, "", `"/data"`, `"`+dir+`"`, configDir, dir).Replace(c.Text.Reveal())
	if err := os.WriteFile(filepath.Join(dir, configFile), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func login(t *testing.T, srv *server.Server, s Score, user string) *nats.Conn {
	t.Helper()
	conn, err := nats.Connect(srv.ClientURL(), nats.UserInfo(user, passwords(s)[user].Reveal()), nats.CustomInboxPrefix(strings.TrimSuffix(messaging.Inboxes, ".>")))
	if err != nil {
		t.Fatalf("%s cannot log in: %v", user, err)
	}
	t.Cleanup(conn.Close)
	return conn
}

func TestARealServerTakesTheConfiguration(t *testing.T) {
	s := example()
	srv := start(t, s)
	for _, user := range s.users() {
		login(t, srv, s, user)
	}
	if _, err := nats.Connect(srv.ClientURL()); err == nil {
		t.Error("nobody in particular can log in")
	}
	if err := s.roundTrip(t.Context(), login(t, srv, s, probeUser)); err != nil {
		t.Errorf("the smoke test fails on a good server: %v", err)
	}
}

func TestAUserHasItsRightsAndNoOther(t *testing.T) {
	s := example()
	srv := start(t, s)
	boss, one := login(t, srv, s, "boss"), login(t, srv, s, "one")
	down, err := one.SubscribeSync("down.one")
	if err != nil {
		t.Fatal(err)
	}
	if err := one.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := boss.Publish("down.one", []byte("x")); err != nil {
		t.Fatal(err)
	}
	if _, err := down.NextMsg(5 * time.Second); err != nil {
		t.Errorf("what the account imports does not arrive: %v", err)
	}
	for name, try := range map[string]func() error{
		"publish":   func() error { return one.Publish("up.two", nil) },
		"subscribe": func() error { _, err := one.SubscribeSync("down.two"); return err },
	} {
		if err := try(); err != nil {
			t.Fatal(err)
		}
		_ = one.Flush()
		if err := one.LastError(); err == nil || !strings.Contains(strings.ToLower(err.Error()), "permissions violation for "+name[:4]) {
			t.Errorf("%s is not refused: %v", name, err)
		}
	}
}

// reload tells the server to run a configuration.
func reload(ctx context.Context, srv *server.Server, s Score, tag string) error {
	servers := messaging.Through(socket{address: srv.Addr().String()})
	return servers.Reload(ctx, s.Ref().Login(systemUser), messaging.Configuration{Tag: tag, Servers: s.replicas()})
}

func TestAServerTellsWhichConfigurationItRuns(t *testing.T) {
	s := example()
	srv := start(t, s)
	c, err := s.config(keep(t, s))
	if err != nil {
		t.Fatal(err)
	}
	if err := reload(t.Context(), srv, s, c.Tag); err != nil {
		t.Errorf("it runs the configuration: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	if err := reload(ctx, srv, s, "config:another"); err == nil || !strings.Contains(err.Error(), "1 servers have an older one") {
		t.Errorf("it runs another one: %v", err)
	}
}

func TestARunningServerTakesOverANewUser(t *testing.T) {
	s := example()
	srv := start(t, s)
	more := example()
	more.Accounts[1].Users = append(more.Accounts[1].Users, User{Name: "two", Publish: []string{"up.two"}})
	c, err := more.config(keep(t, more))
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Dir(srv.StoreDir()), keep(t, more), c)
	if err := reload(t.Context(), srv, s, c.Tag); err != nil {
		t.Fatalf("it does not reload: %v", err)
	}
	login(t, srv, more, "two")
}

func TestOnlyWhatNeedsARestartChangesTheRestartDigest(t *testing.T) {
	base, err := example().config(keep(t, example()))
	if err != nil {
		t.Fatal(err)
	}
	more := example()
	more.Accounts[1].Users = append(more.Accounts[1].Users, User{Name: "two"})
	user, err := more.config(keep(t, more))
	if err != nil {
		t.Fatal(err)
	}
	if user.Restart != base.Restart || user.Tag == base.Tag {
		t.Errorf("a new user: restart %s → %s, tag %s → %s", base.Restart, user.Restart, base.Tag, user.Tag)
	}
	bigger := example()
	bigger.Store.Bytes = 8 << 30
	if c, err := bigger.config(keep(t, bigger)); err != nil || c.Restart == base.Restart {
		t.Errorf("a bigger store does not restart the server: %v", err)
	}
}

func TestTheUsersOfAStandingConfigurationAreKnown(t *testing.T) {
	c, err := example().config(keep(t, example()))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := conf.Users(c.Text), []string{"boss", "one", "probe", "sys"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := conf.Users(secret.New("someone else's")); got != nil {
		t.Errorf("got %v", got)
	}
}

func TestAClusterOfThreeFindsItsServers(t *testing.T) {
	s := example()
	s.Replicas = 3
	c, err := s.config(keep(t, s))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"@nats-0.nats-headless.demo.svc:6222", "@nats-2.nats-headless.demo.svc:6222"} {
		if !strings.Contains(c.Text.Reveal(), want) {
			t.Errorf("%s is missing", want)
		}
	}
}

func TestWhatCannotBeIsSaid(t *testing.T) {
	for name, s := range map[string]Score{
		"two replicas": {Namespace: "x", Replicas: 2}, "no namespace": {}, "a port that is none": {Namespace: "x", OutsidePort: 70000}, "negative size": {Namespace: "x", Store: Storage{Bytes: -1}},
	} {
		if s.check() == nil {
			t.Errorf("%s is taken", name)
		}
	}
}
