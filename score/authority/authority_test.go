// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package authority

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"testing"
	"time"

	"nationtech.io/harmony/secret"
)

var (
	seed = secret.New("a generated text")
	now  = time.Date(2026, time.November, 30, 8, 0, 0, 0, time.UTC)
)

func pair(t *testing.T, at time.Time, hosts ...string) Pair {
	t.Helper()
	p, err := issue(seed, at, server, hosts)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func parse(t *testing.T, text string) *x509.Certificate {
	t.Helper()
	block, _ := pem.Decode([]byte(text))
	c, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestACertificateIsTheSameUntilTheNextEra(t *testing.T) {
	first, second, later := pair(t, now, "nats.fleet.svc"), pair(t, now.Add(time.Minute), "nats.fleet.svc"), pair(t, now.Add(era), "nats.fleet.svc")
	if first.Certificate != second.Certificate || !first.Key.Equal(second.Key) {
		t.Error("a minute later the certificate is another")
	}
	if first.Certificate == later.Certificate || first.Key.Equal(later.Key) {
		t.Error("in the next era the certificate or its key is the same")
	}
	if first.Authority != later.Authority {
		t.Error("the certificate that devices pin has changed")
	}
	if c := parse(t, first.Certificate); c.NotAfter.Before(now.Add(good - era)) {
		t.Errorf("it is good until %s only", c.NotAfter)
	}
}

func TestAClientThatPinsTheAuthorityConnectsToItsServersAlone(t *testing.T) {
	served := pair(t, now, "nats.fleet.svc", "10.0.0.1")
	foreign, err := issue(secret.New("another generated text"), now, server, []string{"nats.fleet.svc"})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		what, name string
		at         time.Time
		pins       Pair
		refused    bool
	}{
		{"its name", "nats.fleet.svc", now, served, false},
		{"its address", "10.0.0.1", now, served, false},
		{"a certificate of the next era", "nats.fleet.svc", now, pair(t, now.Add(era), "nats.fleet.svc"), false},
		{"another name", "issuer.fleet.svc", now, served, true},
		{"another authority", "nats.fleet.svc", now, foreign, true},
		{"a time at which it is over", "nats.fleet.svc", now.Add(good + era), served, true},
	} {
		t.Run(c.what, func(t *testing.T) {
			if err := handshake(t, served, c.pins, c.name, c.at); (err != nil) != c.refused {
				t.Errorf("got %v", err)
			}
		})
	}
}

// handshake connects to a server, as a client that pins an authority and whose clock shows a time.
func handshake(t *testing.T, served, pins Pair, name string, at time.Time) error {
	t.Helper()
	certificate, err := tls.X509KeyPair([]byte(served.Certificate), []byte(served.Key.Reveal()))
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM([]byte(pins.Authority))
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{certificate}})
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		if conn, err := listener.Accept(); err == nil {
			_, _ = io.Copy(io.Discard, conn) // which shakes hands, until the client goes
			_ = conn.Close()
		}
	}()
	conn, err := tls.Dial("tcp", listener.Addr().String(), &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: pool, ServerName: name, Time: func() time.Time { return at }})
	if err == nil {
		err = conn.Close()
	}
	return err
}
