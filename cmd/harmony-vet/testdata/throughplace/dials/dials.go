// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package dials makes connections.
package dials

import (
	"context"
	"crypto/tls"
	"database/sql"
	"net"
	"net/http"
	"net/http/httputil"
	"os"
	"time"

	natsgo "github.com/nats-io/nats.go"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/kube"
)

// Score is any.
type Score struct{}

// Name is "score".
func (Score) Name() string { return "score" }

// Interpret changes nothing.
func (Score) Interpret(context.Context, kube.Place) (harmony.Outcome, error) {
	return harmony.Outcome{}, nil
}

// SmokeTest looks for Pods.
func (Score) SmokeTest(ctx context.Context, on kube.Place) error {
	_, err := on.Kubernetes().Pods(ctx, "score", nil)
	return err
}

type own struct {
	net.Dialer // want "net.Dialer does not go through the Score's place"
}

func bad(ctx context.Context, options []natsgo.Option) {
	dial := net.DialTimeout // want "net.DialTimeout does not"
	_, _ = dial("tcp", "", 0)
	_, _ = (&net.Dialer{}).DialContext(ctx, "tcp", "") // want "net.Dialer does not"
	_, _ = new(own).Dial("tcp", "")
	_, _ = tls.Dial("tcp", "", nil)      // want "tls.Dial does not"
	_ = new(tls.Dialer)                  // want "tls.Dialer does not"
	_, _ = net.LookupHost("example.com") // want "net.LookupHost does not"
	_, _ = http.Get("http://localhost")  // want "http.Get does not"
	_ = http.DefaultClient               // want "http.DefaultClient does not"
	_, _ = sql.Open("postgres", "")      // want "sql.Open does not"
	_, _ = os.StartProcess("", nil, nil) // want "os.StartProcess does not"

	_ = &http.Client{Timeout: time.Second}                                // want "http.Client dials by itself: it has no Transport"
	_ = http.Client{Transport: nil}                                       // want "http.Client dials by itself"
	_ = http.Client{Transport: &http.Transport{DialContext: through(nil), // the first of two
		TLSClientConfig: &tls.Config{}}}
	_ = &http.Transport{ForceAttemptHTTP2: true} // want "http.Transport dials by itself: it has no DialContext"
	_ = new(http.Client)                         // want "http.Client dials by itself"
	var client http.Client                       // want "http.Client dials by itself"
	_, _ = client.Get("http://localhost")
	_ = []http.Client{{}}       // want "http.Client dials by itself"
	_ = httputil.ReverseProxy{} // want "httputil.ReverseProxy dials by itself"

	_, _ = natsgo.Connect("")                                   // want "nats.Connect dials by itself: none of its options is nats.SetCustomDialer"
	_, _ = natsgo.Connect("", natsgo.Name(""), natsgo.NoEcho()) // want "nats.Connect dials by itself"
	connect := natsgo.Connect                                   // want "nats.Connect dials by itself"
	_, _ = connect("")
	_, _ = natsgo.Options{Url: ""}.Connect()    // want "nats.Options dials by itself: it has no CustomDialer"
	_, _ = natsgo.GetDefaultOptions().Connect() // want "nats.GetDefaultOptions does not"
}

func through(on kube.Place) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, _, _ string) (net.Conn, error) {
		return on.Kubernetes().Dial(ctx, kube.Service{Name: "score", Port: 80})
	}
}

type dialer struct{ on kube.Dialer }

func (d dialer) Dial(string, string) (net.Conn, error) {
	return d.on.Dial(context.Background(), kube.Service{})
}

func options(on kube.Place) []natsgo.Option {
	return []natsgo.Option{natsgo.SetCustomDialer(dialer{on.Kubernetes()}), natsgo.NoReconnect()}
}

func good(ctx context.Context, on kube.Place) {
	conn, _ := on.Kubernetes().Dial(ctx, kube.Service{})
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetNoDelay(true)
	}
	_ = tls.Client(conn, &tls.Config{})
	_ = http.Client{Transport: &http.Transport{DialContext: through(on)}}
	transport := &http.Transport{}
	transport.DialContext = through(on)
	client := &http.Client{Timeout: time.Second}
	client.Transport = transport
	_, _ = natsgo.Connect("", natsgo.Name(""), natsgo.SetCustomDialer(dialer{on.Kubernetes()}))
	_, _ = natsgo.Connect("", options(on)...)
	_, _ = natsgo.Options{CustomDialer: dialer{on.Kubernetes()}}.Connect()
	_, _ = http.NewRequestWithContext(ctx, http.MethodGet, "http://score/", nil)
	_ = net.ParseIP("127.0.0.1")
}
