// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package nats

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"nationtech.io/harmony/score/authority"
	"nationtech.io/harmony/score/nats/internal/conf"
	"nationtech.io/harmony/wait"
)

// three are the servers of a cluster, on loopback: each keeps its ports and its store when it is started anew.
type three struct {
	dirs  [3]string
	ports [3]int // of routes
	runs  [3]*server.Server
}

func clustered(tls *TLS) Score {
	s := example()
	s.Replicas, s.TLS = 3, tls
	return s
}

// begin starts all three with the Score's configuration.
func begin(t *testing.T, s Score) *three {
	t.Helper()
	c := &three{}
	var taken [3]net.Listener
	for i := range c.runs {
		var err error
		if taken[i], err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			t.Fatal(err)
		}
		c.dirs[i], c.ports[i] = t.TempDir(), taken[i].Addr().(*net.TCPAddr).Port
	}
	for i := range c.runs {
		_ = taken[i].Close()
		c.write(t, i, s, keep(t, s))
		c.start(t, i, s)
	}
	return c
}

// write makes the files of a server, as its Pod would have them.
func (c *three) write(t *testing.T, i int, s Score, kept kept) {
	t.Helper()
	config, err := s.config(kept)
	if err != nil {
		t.Fatal(err)
	}
	write(t, c.dirs[i], kept, config)
	path := filepath.Join(c.dirs[i], configFile)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	changes := []string{"$" + conf.PodName, fmt.Sprintf("%s-%d", s.Name(), i), `"port": 6222`, fmt.Sprintf(`"host": "127.0.0.1", "port": %d`, c.ports[i])}
	for j, port := range c.ports {
		changes = append(changes, fmt.Sprintf("%s-%d.%s.%s.svc:%d", s.Name(), j, s.headless(), s.Namespace, clusterPort), fmt.Sprintf("127.0.0.1:%d", port))
	}
	if err := os.WriteFile(path, []byte(strings.NewReplacer(changes...).Replace(string(text))), 0o600); err != nil {
		t.Fatal(err)
	}
}

// start runs a server with the files that it has, until it is ready as its Pod is.
func (c *three) start(t *testing.T, i int, s Score) {
	t.Helper()
	options, err := server.ProcessConfigFile(filepath.Join(c.dirs[i], configFile))
	if err != nil {
		t.Fatalf("the server does not read its configuration: %v", err)
	}
	options.NoLog, options.NoSigs = true, true
	if options.Cluster.TLSConfig != nil { // which would ask for the address that stands for the name here
		options.Cluster.TLSConfig.ServerName = s.Name() + "-0." + s.headless() + "." + s.Namespace + ".svc"
	}
	srv, err := server.NewServer(options)
	if err != nil {
		t.Fatal(err)
	}
	c.runs[i] = srv
	srv.Start()
	t.Cleanup(func() { srv.Shutdown(); srv.WaitForShutdown() })
	if !srv.ReadyForConnections(10 * time.Second) {
		t.Fatal("the server does not start")
	}
}

// roll starts the servers anew with another Score's configuration, one after another and the last one first, as Kubernetes does.
func (c *three) roll(t *testing.T, s Score) {
	t.Helper()
	for i := range c.runs { // all files are there before the first Pod is made anew
		c.write(t, i, s, keep(t, s))
	}
	for i := len(c.runs) - 1; i >= 0; i-- {
		c.runs[i].Shutdown()
		c.runs[i].WaitForShutdown()
		c.start(t, i, s)
	}
}

// boss logs in at the first server.
func (c *three) boss(t *testing.T, s Score) jetstream.JetStream {
	t.Helper()
	options := []nats.Option{nats.UserInfo("boss", passwords(s)["boss"].Reveal()), nats.Timeout(10 * time.Second)}
	if s.TLS != nil {
		options = append(options, nats.Secure(trusting(t, s)))
	}
	conn, err := nats.Connect(c.runs[0].ClientURL(), options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	js, err := jetstream.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	return js
}

// holds asks until the stream has so many messages and takes one more, which needs a majority.
func holds(t *testing.T, js jetstream.JetStream, want uint64) {
	t.Helper()
	err := wait.Until(t.Context(), "the stream to have a majority", wait.Pace{Limit: 3 * time.Minute}, func(ctx context.Context) (string, bool, error) {
		ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
		defer cancel()
		stream, err := js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{Name: "KEPT", Subjects: []string{"kept"}, Replicas: 3})
		if err != nil {
			return err.Error(), false, nil
		}
		if got := stream.CachedInfo().State.Msgs; got != want {
			return fmt.Sprintf("it has %d messages", got), false, nil
		}
		_, err = js.Publish(ctx, "kept", []byte("x"), jetstream.WithMsgID(fmt.Sprint(want)))
		return fmt.Sprint(err), err == nil, nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// The majority is with those that have not changed, and then with those that have.
func TestAClusterThatTakesTLSOneServerAfterAnotherKeepsItsStreams(t *testing.T) {
	t.Parallel()
	before, after := clustered(nil), clustered(&TLS{})
	c := begin(t, before)
	holds(t, c.boss(t, before), 0)
	c.roll(t, after)
	holds(t, c.boss(t, after), 1)
	c.roll(t, before)
	holds(t, c.boss(t, before), 2)
	if restart(t, before) == restart(t, after) {
		t.Error("routes that stand stay without TLS, and no server restarts")
	}
}

func TestARouteWithoutACertificateOfARouteIsRefused(t *testing.T) {
	t.Parallel()
	s := clustered(&TLS{})
	c := begin(t, s)
	holds(t, c.boss(t, s), 0)
	foreign := s
	foreign.Title = "other" // whose authority is another one
	for _, as := range []struct {
		what    string
		shows   *authority.Pair
		refused bool
	}{
		{"that of servers", keep(t, s).routes, false},
		{"none", nil, true},
		{"the one that clients see", keep(t, s).certificate, true},
		{"one of another authority", keep(t, foreign).routes, true},
	} {
		if err := c.route(t, s, as.shows); (err != nil) != as.refused {
			t.Errorf("with %s: %v", as.what, err)
		}
	}
	conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", c.ports[0]))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if n, err := conn.Read(make([]byte, 1)); err == nil && n > 0 {
		t.Error("a server says something to a route without TLS")
	}
}

// route connects to the first server as another one does, and reads what that says first.
func (c *three) route(t *testing.T, s Score, shows *authority.Pair) error {
	t.Helper()
	conn, err := tls.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", c.ports[0]), c.as(t, s, shows))
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	_, err = conn.Read(make([]byte, 1)) // by TLS 1.3 a client hears only then that it is refused
	return err
}

// as is how a server makes a route, with a certificate or without.
func (c *three) as(t *testing.T, s Score, shows *authority.Pair) *tls.Config {
	t.Helper()
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM([]byte(keep(t, s).routes.Authority))
	config := &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: pool, ServerName: "nats-2.nats-headless.demo.svc"}
	if shows != nil {
		certificate, err := tls.X509KeyPair([]byte(shows.Certificate), []byte(shows.Key.Reveal()))
		if err != nil {
			t.Fatal(err)
		}
		config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &certificate, nil } // also one that is not asked for
	}
	return config
}

// The era before has another certificate, as the next one will have.
func TestARunningServerTakesOverANewCertificateOfItsRoutes(t *testing.T) {
	t.Parallel()
	s := clustered(&TLS{})
	c := begin(t, s)
	next := keep(t, s)
	renewed, _, err := s.Ref().Authority().IssuePeer(t.Context(), generating{}, time.Now().AddDate(0, -3, 0), "*.nats-headless.demo.svc")
	if err != nil {
		t.Fatal(err)
	}
	next.routes = &renewed
	config, err := s.config(next)
	if err != nil {
		t.Fatal(err)
	}
	if restart(t, s) != config.Restart {
		t.Error("a new certificate restarts servers")
	}
	c.write(t, 0, s, next)
	before := c.shown(t, s)
	if err := c.runs[0].Reload(); err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(before, c.shown(t, s)) {
		t.Error("it shows the old one")
	}
	holds(t, c.boss(t, s), 0)
}

// shown is the certificate that the first server shows to a route.
func (c *three) shown(t *testing.T, s Score) []byte {
	t.Helper()
	conn, err := tls.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", c.ports[0]), c.as(t, s, keep(t, s).routes))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	return conn.ConnectionState().PeerCertificates[0].Raw
}
