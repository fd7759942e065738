// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"nationtech.io/harmony/fleet/agent"
	"nationtech.io/harmony/fleet/agent/config"
)

// Exit codes.
const (
	done   = 0
	failed = 1
	misuse = 2 // wrong usage, or a configuration that cannot be used
)

func main() { os.Exit(run(os.Args[1:])) }

func run(args []string) int {
	asked, err := parse(args)
	if err != nil {
		fmt.Fprintf(os.Stderr, "error: %v\nsee: harmony-fleet-agent --help\n", err)
		return misuse
	}
	switch asked.what {
	case "help":
		fmt.Print(help)
		return done
	case "version":
		fmt.Println("harmony-fleet-agent", version())
		return done
	case "install":
		return install(asked.root)
	case "join":
		return asked.join.run()
	}
	c, err := config.Load(asked.config)
	if err != nil {
		fmt.Fprintf(os.Stderr, "error: the configuration cannot be used\n%v\n", err)
		return misuse
	}
	switch asked.what {
	case "check":
		fmt.Printf("%s: valid, for device %s at %v\n", asked.config, c.Device, c.NATS.URLs)
		return done
	case "status":
		return status(c, asked.config)
	case "rotate-key":
		return rotateKey(c)
	}
	return serve(c)
}

func serve(c config.Config) int {
	thrift()
	log := logger(c.Log)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	if err := agent.New(c, agent.Gather(version(), os.Getenv("POD_UID")), log).Run(ctx); err != nil {
		log.Error("agent failed", "reason", err.Error())
		return failed
	}
	log.Info("agent has stopped")
	return done
}

func logger(l config.Log) *slog.Logger {
	options := &slog.HandlerOptions{Level: l.Level}
	if l.JSON {
		return slog.New(slog.NewJSONHandler(os.Stderr, options))
	}
	return slog.New(slog.NewTextHandler(os.Stderr, options))
}
