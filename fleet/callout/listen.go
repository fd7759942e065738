// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package callout

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"
)

const headerLimit = 5 * time.Second

// handler is for Prometheus and the kubelet. A callout is ready when it answers.
func (c *Callout) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", c.metrics.handler())
	mux.HandleFunc("GET /healthz", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		select {
		case <-c.ready:
		default:
			http.Error(w, "the fleet is not known yet, or the keys of the identity provider are not", http.StatusServiceUnavailable)
		}
	})
	return mux
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
