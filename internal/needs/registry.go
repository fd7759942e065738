// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package needs

import (
	"io"
	"log"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/registry"
)

// Registry runs an empty registry for the length of the test and gives its HOST:PORT, from which
// the nodes of the cluster that Local gives pull by plain HTTP. It listens on this machine's end of the nodes' network.
func Registry(t testing.TB) (host string) {
	t.Helper()
	Local(t)
	said, err := up()
	if err != nil {
		t.Fatal(err)
	}
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", net.JoinHostPort(said.Gateway, "0"))
	if err != nil {
		t.Fatalf("listen where the nodes can reach it: %v", err)
	}
	server := &http.Server{Handler: registry.New(registry.Logger(log.New(io.Discard, "", 0))), ReadHeaderTimeout: time.Minute}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener) // ends with the Close below
	}()
	t.Cleanup(func() {
		_ = server.Close() // what is still being pulled belongs to the test that ends
		<-done
	})
	host = listener.Addr().String()
	if said, err := manage("image", "trust", host); err != nil || said.Event != "trusted" {
		t.Fatalf("the nodes cannot be told to pull from %s: %v %s", host, err, said.reason())
	}
	return host
}
