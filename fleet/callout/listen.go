// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package callout

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/nats-io/nats.go"
)

const (
	headerLimit = 5 * time.Second
	// echoLimit is how long a server may take to say that it is there. The kubelet waits for 2 s.
	echoLimit = time.Second
)

// handler is for Prometheus and the kubelet. A callout is ready while a server can ask it.
func (c *Callout) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", c.metrics.handler())
	mux.HandleFunc("GET /healthz", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if why := c.unready(r.Context()); why != "" {
			http.Error(w, why, http.StatusServiceUnavailable)
		}
	})
	return mux
}

// unready is why no server can ask the callout now; empty when one can.
func (c *Callout) unready(ctx context.Context) string {
	select {
	case <-c.ready:
	default:
		return "the fleet is not known yet, or the keys of the identity provider are not, or NATS has not been reached"
	}
	ctx, cancel := context.WithTimeout(ctx, echoLimit)
	defer cancel()
	if !c.conn.IsConnected() {
		return "not connected to NATS"
	}
	if err := heard(c.conn.FlushWithContext(ctx), c.conn); err != nil {
		return err.Error()
	}
	return ""
}

// heard is the error of a flush; when it went well, that the server does not let the callout hear questions. It says so before it
// answers the flush, and the client asks for its subscriptions anew when it connects anew.
func heard(flushed error, conn *nats.Conn) error {
	if last := conn.LastError(); flushed == nil && errors.Is(last, nats.ErrPermissionViolation) {
		return fmt.Errorf("hear questions: %w", last)
	}
	return flushed
}

func (c *Callout) listen(ctx context.Context) error {
	if c.config.Listen == "" {
		return nil
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", c.config.Listen)
	if err != nil {
		return unusable("listen").Because(err)
	}
	server := &http.Server{Handler: c.handler(), ReadHeaderTimeout: headerLimit}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() }) // whoever asks how it is can ask another
	defer stop()
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return unusable("listen").Because(err)
	}
	return nil
}
