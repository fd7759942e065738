// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package callout_test

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"

	"nationtech.io/harmony/fleet/callout"
	"nationtech.io/harmony/fleet/callout/callouttest"
)

func TestACalloutIsReadyWhileAServerCanAskIt(t *testing.T) {
	w := callouttest.Start(t)
	at, way := address(t), relayTo(t, strings.TrimPrefix(w.URL(), "nats://"))
	w.Callout(func(c *callout.Config) { c.Listen, c.NATS.URLs = at, []string{"nats://" + way.address} })
	ready := func() bool { status, _ := says(t, at, "/readyz"); return status == http.StatusOK }
	if !ready() {
		t.Error("it answers, and is not ready")
	}
	way.silent.Lock()
	soon(t, "a callout is not ready whose server says nothing", func() bool { return !ready() })
	way.silent.Unlock()
	soon(t, "it is ready again", ready)
	w.Stop()
	soon(t, "a callout is not ready whose server is gone", func() bool { return !ready() })
	if status, _ := says(t, at, "/healthz"); status != http.StatusOK {
		t.Errorf("it is to be started anew: %d", status)
	}
	w.Restart()
	soon(t, "it is ready at the server that is back", ready)
	w.Device("press-07")
}

func TestACalloutThatMayNotHearQuestionsIsNotReady(t *testing.T) {
	w := callouttest.Start(t)
	at := address(t)
	c, err := callout.New(callout.Config{
		NATS:   callout.NATS{URLs: []string{w.URL()}, User: callouttest.Kicker, PasswordFile: w.PasswordFile(callouttest.Kicker)},
		Issuer: w.Issuer.URL, Directory: w.Directory, KeyFiles: []string{w.SeedFile}, Listen: at, Log: slog.New(slog.NewJSONHandler(w.Log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx) }()
	soon(t, "why it hears nothing", func() bool { return strings.Contains(w.Log.String(), "hear questions: ") })
	if status, _ := says(t, at, "/readyz"); status != http.StatusServiceUnavailable {
		t.Errorf("it answers %d", status)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// A relay is the way to a server, on which nothing comes from there while silent is locked.
type relay struct {
	address string
	silent  sync.Mutex
}

func relayTo(t *testing.T, server string) *relay {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	r := &relay{address: l.Addr().String()}
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", server)
			if err != nil {
				_ = in.Close()
				continue
			}
			go r.pass(in, out, new(sync.Mutex))
			go r.pass(out, in, &r.silent)
		}
	}()
	return r
}

// pass ends both ways with one.
func (r *relay) pass(from, to net.Conn, silent *sync.Mutex) {
	defer from.Close()
	defer to.Close()
	piece := make([]byte, 4<<10)
	for {
		n, err := from.Read(piece)
		if err != nil {
			return
		}
		silent.Lock()
		_, err = to.Write(piece[:n])
		silent.Unlock()
		if err != nil {
			return
		}
	}
}
