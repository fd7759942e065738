// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/nats-io/nats.go"

	"example.com/guestbook/etcd/kv"
	"example.com/guestbook/web/entry"
)

const (
	patience = 5 * time.Second        // with the database, with a slow client, and to stop
	again    = 500 * time.Millisecond // after which a lost NATS is looked for again
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		slog.Error("the server ended", "error", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("server", flag.ContinueOnError)
	listen := flags.String("listen", ":8080", "address to listen on")
	store := flags.String("store", "", "URL of the etcd")
	broker := flags.String("nats", "", "URL of the NATS")
	user := flags.String("user", "", "who publishes on it")
	file := flags.String("password-file", "", "the password of that user")
	if err := flags.Parse(args); err != nil {
		return err
	}
	password, err := os.ReadFile(*file)
	if err != nil {
		return err
	}
	// It starts without NATS: what is published meanwhile goes out later. A NATS that does not know the user yet may soon.
	conn, err := nats.Connect(*broker, nats.UserInfo(*user, strings.TrimSpace(string(password))), nats.Name("guestbook"),
		nats.RetryOnFailedConnect(true), nats.MaxReconnects(-1), nats.ReconnectWait(again), nats.IgnoreAuthErrorAbort())
	if err != nil {
		return fmt.Errorf("connect to NATS: %w", err)
	}
	defer conn.Close()
	book := &book{
		store: kv.Client{HTTP: &http.Client{Timeout: patience}, URL: *store},
		tell:  func(text []byte) error { return conn.Publish(entry.Subject, text) },
	}
	return serve(ctx, &http.Server{Addr: *listen, Handler: book.handler(), ReadTimeout: patience})
}

// serve answers until ctx ends, and then what was already asked.
func serve(ctx context.Context, server *http.Server) error {
	ended := make(chan error, 1)
	go func() { ended <- server.ListenAndServe() }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	return server.Shutdown(stopping)
}
