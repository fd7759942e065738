// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package nats

import (
	"context"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"nationtech.io/harmony/capability/image"
	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/capability/messaging"
	"nationtech.io/harmony/secret"
)

// socket is a place with nothing but a NATS on a socket.
type socket struct {
	kube.Cluster
	address string
}

func (s socket) Kubernetes() kube.Cluster     { return s }
func (socket) Images() image.Store            { return nil }
func (s socket) Messaging() messaging.Servers { return messaging.Through(s) }

// Secret gives every user its own name as in passwords.
func (socket) Secret(_ context.Context, _, name string) (map[string]secret.Value, error) {
	return map[string]secret.Value{PasswordKey: password(strings.TrimPrefix(name, "nats-user-"))}, nil
}

func (s socket) Dial(ctx context.Context, _ kube.Service) (net.Conn, error) {
	return (&net.Dialer{}).DialContext(ctx, "tcp", s.address)
}

// A cluster that has no leader yet takes a request and never answers it.
func TestASmokeTestAsksAgainWhatWasNeverAnswered(t *testing.T) {
	t.Parallel()
	srv, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, NoSigs: true, NoLog: true})
	if err != nil {
		t.Fatal(err)
	}
	srv.Start()
	t.Cleanup(srv.Shutdown)
	if !srv.ReadyForConnections(time.Minute) {
		t.Fatal("the server does not start")
	}
	silent, err := nats.Connect(srv.ClientURL())
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 6*askLimit)
	defer cancel()
	var asked atomic.Int32
	if _, err := silent.Subscribe("$JS.API.>", func(*nats.Msg) {
		if asked.Add(1) == 2 {
			cancel()
		}
	}); err != nil {
		t.Fatal(err)
	}
	if err := silent.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := example().SmokeTest(ctx, socket{address: srv.Addr().String()}); err == nil || asked.Load() != 2 {
		t.Errorf("asked %d times, then: %v", asked.Load(), err)
	}
}
