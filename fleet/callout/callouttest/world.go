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
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"

	"nationtech.io/harmony/fleet/agent/natstest"
	"nationtech.io/harmony/fleet/callout"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/issuer/issuertest"
)

// The users that the server knows by itself; each has its name as its password. Tap may do everything in account DEVICES.
const (
	Administrator = "administrator"
	System        = "system"
	Tap           = "tap"
	calloutUser   = "callout"
)

// World is a server with an issuer; callouts are started in it.
type World struct {
	Issuer *issuertest.Issuer
	Server *server.Server
	// SeedFile and DeniedFile are what callouts read.
	SeedFile, DeniedFile string
	// Log is what callouts and issuer have logged.
	Log *Log

	t                testing.TB
	config           string
	port             int
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
		t: t, secured: o.Secured, Log: new(Log), config: filepath.Join(dir, "nats.conf"), SeedFile: filepath.Join(dir, "seeds"), DeniedFile: filepath.Join(dir, "denied"),
		signing: NewKey(t, nkeys.CreateAccount), sealing: NewKey(t, nkeys.CreateCurveKeys), port: freePort(t),
	}
	w.Issuer = issuertest.StartWith(t, w.Log, issuertest.Options{TokenLifetime: o.TokenLifetime})
	w.Write(w.SeedFile, w.signing.Seed+"\n"+w.sealing.Seed+"\n")
	w.Deny()
	w.Write(filepath.Join(dir, "password"), calloutUser+"\n")
	if w.secured {
		w.certify()
	}
	w.writeConfig()
	w.up()
	t.Cleanup(w.down)
	return w
}

func (w *World) up() {
	w.t.Helper()
	options, err := server.ProcessConfigFile(w.config)
	if err != nil {
		w.t.Fatal(err)
	}
	options.NoLog, options.NoSigs = true, true
	if w.Server, err = server.NewServer(options); err != nil {
		w.t.Fatal(err)
	}
	w.Server.Start()
	if !w.Server.ReadyForConnections(10 * time.Second) {
		w.t.Fatal("nats-server does not listen")
	}
}

func (w *World) down() {
	w.Server.Shutdown()
	w.Server.WaitForShutdown()
}

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

// Deny makes the list of who is denied.
func (w *World) Deny(who ...string) {
	w.t.Helper()
	w.Write(w.DeniedFile, strings.Join(who, "\n"))
}

// Trust starts the server anew with other keys, as a rotation does: a server that runs does not take them over.
func (w *World) Trust(signing, sealing Key) {
	w.t.Helper()
	w.signing, w.sealing = signing, sealing
	w.writeConfig()
	w.Restart()
}

// Certify gives the server another certificate, which it uses from its next reload on. CA names all that it ever had.
func (w *World) Certify() {
	w.t.Helper()
	w.certify()
	w.writeConfig()
}

func (w *World) certify() {
	w.t.Helper()
	w.certificates++
	if err := natstest.WriteCertificate(w.certificate(), w.key()); err != nil {
		w.t.Fatal(err)
	}
	all, err := os.ReadFile(w.CA())
	if err != nil && !os.IsNotExist(err) {
		w.t.Fatal(err)
	}
	made, err := os.ReadFile(w.certificate())
	if err != nil {
		w.t.Fatal(err)
	}
	w.Write(w.CA(), string(all)+string(made))
}

func (w *World) certificate() string {
	return filepath.Join(filepath.Dir(w.config), fmt.Sprintf("server-%d.pem", w.certificates))
}

func (w *World) key() string { return w.certificate() + ".key" }

// CA is the file with the authorities of a server that speaks TLS.
func (w *World) CA() string { return filepath.Join(filepath.Dir(w.config), "ca.pem") }

// Reload lets the server read its configuration anew.
func (w *World) Reload() {
	w.t.Helper()
	options, err := server.ProcessConfigFile(w.config)
	if err != nil {
		w.t.Fatal(err)
	}
	options.NoLog, options.NoSigs = true, true
	if err := w.Server.ReloadOptions(options); err != nil {
		w.t.Fatal(err)
	}
}

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
		NATS:   callout.NATS{URLs: []string{w.URL()}, User: calloutUser, PasswordFile: filepath.Join(filepath.Dir(w.config), "password")},
		Issuer: w.Issuer.URL, Plane: w.Issuer.Plane, KeyFiles: []string{w.SeedFile}, DeniedFile: w.DeniedFile,
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
func (w *World) URL() string {
	scheme := "nats"
	if w.secured {
		scheme = "tls"
	}
	return fmt.Sprintf("%s://127.0.0.1:%d", scheme, w.port)
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
	options = append([]nats.Option{quiet, nats.MaxReconnects(0), nats.Timeout(10 * time.Second)}, options...)
	if w.secured {
		options = append(options, nats.RootCAs(w.CA()))
	}
	conn, err := nats.Connect(w.URL(), options...)
	if err == nil {
		w.t.Cleanup(conn.Close)
	}
	return conn, err
}

// Device enrols a device and connects as it.
func (w *World) Device(name string) *nats.Conn {
	w.t.Helper()
	conn, err := w.Dial(nats.Token(w.Issuer.Token(name, w.Issuer.Enrol(name, contract.RoleDevice))))
	if err != nil {
		w.t.Fatal(err)
	}
	return conn
}
