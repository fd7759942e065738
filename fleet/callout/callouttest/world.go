// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package callouttest

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"

	"nationtech.io/harmony/fleet/assertion"
	"nationtech.io/harmony/fleet/callout"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/issuer/issuertest"
)

// The users that the server knows by itself; each has its name as its password. Tap may do everything in account DEVICES.
const (
	Administrator = "administrator"
	System        = "system"
	Tap           = "tap"
	// Kicker is in the system account, with the rights of stream.KickerRights.
	Kicker      = "kicker"
	calloutUser = "callout"
)

// World is a server with an issuer; callouts are started in it.
type World struct {
	Issuer *issuertest.Issuer
	// Server is the first of its servers.
	Server *server.Server
	// Directory is what callouts ask about devices.
	Directory *Directory
	// SeedFile is what callouts read.
	SeedFile string
	// Log is what callouts and issuer have logged.
	Log *Log

	t                testing.TB
	dir              string
	nodes            []*node
	secured          bool
	certificates     int // how many there were
	signing, sealing Key
}

// Key is a key pair of NATS.
type Key struct{ Seed, Public string }

// Log collects lines. It is safe for concurrent use.
type Log struct {
	mu  sync.Mutex
	all bytes.Buffer
}

// Write adds to it.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.Write(p)
}

// String is all of it.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.String()
}

// Options are how a world differs from the usual one.
type Options struct {
	// Servers are one cluster; 1 when zero.
	Servers int
	// Secured servers speak TLS.
	Secured bool
	// TokenLifetime is that of the issuer's tokens; its own when zero. Callouts take a token for token.Skew longer than that.
	TokenLifetime time.Duration
}

// Start starts a server and an issuer, and no callout yet. They end with the test.
func Start(t testing.TB) *World {
	t.Helper()
	return StartWith(t, Options{})
}

// StartWith is Start with options.
func StartWith(t testing.TB, o Options) *World {
	t.Helper()
	dir := t.TempDir()
	w := &World{
		t: t, secured: o.Secured, Log: new(Log), dir: dir, SeedFile: filepath.Join(dir, "seeds"),
		signing: NewKey(t, nkeys.CreateAccount), sealing: NewKey(t, nkeys.CreateCurveKeys),
	}
	for i := range max(o.Servers, 1) {
		w.nodes = append(w.nodes, &node{name: fmt.Sprint("n", i), port: freePort(t), route: freePort(t)})
	}
	w.Issuer = issuertest.StartWith(t, w.Log, issuertest.Options{TokenLifetime: o.TokenLifetime})
	w.Write(w.SeedFile, w.signing.Seed+"\n"+w.sealing.Seed+"\n")
	w.Directory = &Directory{plane: w.Issuer.Plane, known: map[string]callout.Standing{}}
	w.Write(w.PasswordFile(calloutUser), calloutUser+"\n")
	w.Write(w.PasswordFile(Kicker), Kicker+"\n")
	w.Write(w.PasswordFile(Administrator), Administrator+"\n")
	if w.secured {
		w.certify()
	}
	w.writeConfig()
	w.up()
	t.Cleanup(w.down)
	return w
}

// PasswordFile holds the password of the callouts, of the Kicker or of the Administrator.
func (w *World) PasswordFile(user string) string { return filepath.Join(w.dir, user+".password") }

func freePort(t testing.TB) int {
	t.Helper()
	free, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := free.Addr().(*net.TCPAddr).Port
	if err := free.Close(); err != nil {
		t.Fatal(err)
	}
	return port
}

// NewKey makes a key pair of NATS.
func NewKey(t testing.TB, create func() (nkeys.KeyPair, error)) (k Key) {
	t.Helper()
	pair, err := create()
	if err != nil {
		t.Fatal(err)
	}
	seed, err := pair.Seed()
	if err != nil {
		t.Fatal(err)
	}
	if k.Public, err = pair.PublicKey(); err != nil {
		t.Fatal(err)
	}
	k.Seed = string(seed)
	return k
}

// Write writes a file that callouts or the server read.
func (w *World) Write(file, text string) {
	w.t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

// Trust starts the server anew with other keys, as a rotation does: a server that runs does not take them over.
func (w *World) Trust(signing, sealing Key) {
	w.t.Helper()
	w.signing, w.sealing = signing, sealing
	w.writeConfig()
	w.Restart()
}

// Stop ends the servers, until Restart.
func (w *World) Stop() { w.down() }

// Restart cuts all connections.
func (w *World) Restart() {
	w.t.Helper()
	w.down()
	w.up()
}

// Callout starts a callout, and returns when it answers. Whoever calls stop ends it; the end of the test does too.
func (w *World) Callout(change func(*callout.Config)) (stop func()) {
	w.t.Helper()
	c := callout.Config{
		NATS:   callout.NATS{URLs: w.URLs(), User: calloutUser, PasswordFile: w.PasswordFile(calloutUser)},
		Issuer: w.Issuer.URL, Directory: w.Directory, KeyFiles: []string{w.SeedFile},
		Log: slog.New(slog.NewJSONHandler(w.Log, nil)),
	}
	if w.secured {
		c.NATS.CAFile = w.CA()
	}
	change(&c)
	made, err := callout.New(c)
	if err != nil {
		w.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(w.t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- made.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			w.t.Error(err)
		}
	})
	w.t.Cleanup(stop)
	select {
	case <-made.Ready():
	case <-time.After(20 * time.Second):
		w.t.Fatalf("the callout does not answer:\n%s", w.Log)
	}
	return stop
}

// URL is where clients connect.
func (w *World) URL() string { return w.URLs()[0] }

// URLs are where its servers are.
func (w *World) URLs() (all []string) {
	scheme := "nats"
	if w.secured {
		scheme = "tls"
	}
	for _, n := range w.nodes {
		all = append(all, fmt.Sprintf("%s://127.0.0.1:%d", scheme, n.port))
	}
	return all
}

// Static connects as a user that the server knows by itself.
func (w *World) Static(user string) *nats.Conn {
	w.t.Helper()
	conn, err := w.Dial(nats.UserInfo(user, user))
	if err != nil {
		w.t.Fatal(err)
	}
	return conn
}

// Dial connects, once. The connection ends with the test.
func (w *World) Dial(options ...nats.Option) (*nats.Conn, error) {
	quiet := nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {})
	options = append([]nats.Option{quiet, nats.NoReconnect(), nats.Timeout(10 * time.Second)}, options...)
	if w.secured {
		options = append(options, nats.RootCAs(w.CA()))
	}
	conn, err := nats.Connect(w.URL(), options...)
	if err == nil {
		w.t.Cleanup(conn.Close)
	}
	return conn, err
}

// Enrol makes a device, and lets it in.
func (w *World) Enrol(name string) assertion.Key {
	w.t.Helper()
	w.Directory.Set(name, callout.Allowed)
	return w.Issuer.Enrol(name, contract.RoleDevice)
}

// DialAs connects as the agent of a device does, with that token.
func (w *World) DialAs(device, token string, options ...nats.Option) (*nats.Conn, error) {
	w.t.Helper()
	id, err := contract.ParseDeviceID(device)
	if err != nil {
		w.t.Fatal(err)
	}
	return w.Dial(append([]nats.Option{nats.Token(token), nats.Name(contract.ConnectionName(id))}, options...)...)
}

// Device enrols a device, and connects as it.
func (w *World) Device(name string) *nats.Conn {
	w.t.Helper()
	conn, err := w.DialAs(name, w.Issuer.Token(name, w.Enrol(name)))
	if err != nil {
		w.t.Fatal(err)
	}
	return conn
}
