// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/apiserver"
	"nationtech.io/harmony/fleet/callout"
	"nationtech.io/harmony/fleet/callout/directory"
)

// Exit codes.
const (
	done   = 0
	failed = 1
	misuse = 2
)

func main() { os.Exit(run(os.Args[1:])) }

func run(args []string) int {
	asked, err := parse(args)
	if errors.Is(err, flag.ErrHelp) {
		return done
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "error: %v\nsee: harmony-fleet-callout --help\n", err)
		return misuse
	}
	config := asked.config
	config.Log = slog.New(slog.NewJSONHandler(os.Stderr, nil))
	fleet, err := apiserver.Open(asked.kubeconfig, asked.namespace, "harmony-fleet-callout", config.Log)
	if err != nil {
		fmt.Fprintf(os.Stderr, "error: %v\n", err)
		return misuse
	}
	config.Directory = directory.Of(fleet)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	c, err := callout.New(config)
	if err == nil {
		err = c.Run(ctx)
	}
	if err != nil {
		complain(err)
		return failed
	}
	config.Log.Info("callout has stopped")
	return done
}

func complain(err error) {
	for _, d := range diag.All(err) {
		if err := (diag.Style{}).Write(os.Stderr, d); err != nil {
			return // nobody reads
		}
	}
}
