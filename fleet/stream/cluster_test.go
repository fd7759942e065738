// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package stream_test

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"nationtech.io/harmony/fleet/stream"
	"nationtech.io/harmony/streams"
	"nationtech.io/harmony/wait"
)

// cluster starts three servers that replicate, and returns when they have a leader.
func cluster(t *testing.T) jetstream.JetStream {
	t.Helper()
	var routes []*url.URL
	var ports []int
	for range 3 {
		free, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer free.Close()
		ports = append(ports, free.Addr().(*net.TCPAddr).Port)
		routes = append(routes, &url.URL{Scheme: "nats", Host: free.Addr().String()})
		if err := free.Close(); err != nil {
			t.Fatal(err)
		}
	}
	var servers []*server.Server
	for i, port := range ports {
		s, err := server.NewServer(&server.Options{
			ServerName: fmt.Sprintf("n%d", i), Host: "127.0.0.1", Port: server.RANDOM_PORT, JetStream: true, StoreDir: t.TempDir(),
			NoLog: true, NoSigs: true, Routes: routes, Cluster: server.ClusterOpts{Name: "test", Host: "127.0.0.1", Port: port},
		})
		if err != nil {
			t.Fatal(err)
		}
		s.Start()
		t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
		servers = append(servers, s)
	}
	conn, err := nats.Connect(servers[0].ClientURL(), nats.RetryOnFailedConnect(true), nats.ReconnectWait(50*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	js, err := jetstream.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	err = wait.Until(t.Context(), "three servers of JetStream", wait.Pace{Limit: 30 * time.Second}, func(context.Context) (string, bool, error) {
		for _, s := range servers {
			if s.JetStreamIsLeader() {
				peers := len(s.JetStreamClusterPeers())
				return fmt.Sprintf("%d peers", peers), peers == len(servers), nil
			}
		}
		return "no leader", false, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return js
}

func TestBucketsGrowFromOneServerToThree(t *testing.T) {
	js := cluster(t)
	ensure(t, js, stream.Layout{}, wholeLayout...)
	ensure(t, js, stream.Layout{Replicas: 3}, "KV_desired-state: num_replicas 1 -> 3", "KV_releases: num_replicas 1 -> 3")
	verify(t, js, stream.Layout{Replicas: 3})
	ensure(t, js, stream.Layout{Replicas: 3})
}

func TestMoreReplicasThanServersIsAnError(t *testing.T) {
	js := cluster(t)
	if changed, err := streams.Ensure(t.Context(), js, stream.Layout{Replicas: 5}.Buckets()...); err == nil {
		t.Errorf("changed %v", changed)
	}
}
