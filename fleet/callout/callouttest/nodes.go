// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package callouttest

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"nationtech.io/harmony/wait"
)

// node is one server.
type node struct {
	name        string
	port, route int
	server      *server.Server
}

func (w *World) config(n *node) string { return filepath.Join(w.dir, n.name+".conf") }

func (w *World) up() {
	w.t.Helper()
	for _, n := range w.nodes {
		options, err := server.ProcessConfigFile(w.config(n))
		if err != nil {
			w.t.Fatal(err)
		}
		options.NoLog, options.NoSigs = true, true
		if n.server, err = server.NewServer(options); err != nil {
			w.t.Fatal(err)
		}
		n.server.Start()
	}
	w.Server = w.nodes[0].server
	for _, n := range w.nodes {
		if !n.server.ReadyForConnections(10 * time.Second) {
			w.t.Fatal("nats-server does not listen")
		}
	}
	err := wait.Until(w.t.Context(), "the servers know each other", wait.Pace{Limit: 20 * time.Second}, func(context.Context) (string, bool, error) {
		for _, n := range w.nodes {
			if peers := len(n.server.ActivePeers()); peers < len(w.nodes)-1 {
				return fmt.Sprintf("%s knows %d others", n.name, peers), false, nil
			}
		}
		return "", true, nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *World) down() {
	for _, n := range w.nodes {
		n.server.Shutdown()
		n.server.WaitForShutdown()
	}
}
