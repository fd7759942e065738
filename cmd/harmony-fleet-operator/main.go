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

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"nationtech.io/harmony/fleet/operator"
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
		fmt.Fprintf(os.Stderr, "error: %v\nsee: harmony-fleet-operator --help\n", err)
		return misuse
	}
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	asked.config.Log = log
	to, err := kubeconfig(asked.kubeconfig)
	if err != nil {
		fmt.Fprintf(os.Stderr, "error: nothing leads to a Kubernetes: %v\n", err)
		return misuse
	}
	to.UserAgent = "harmony-fleet-operator"
	to.QPS, to.Burst = 50, 100
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	if err := operator.Run(ctx, to, asked.config); err != nil {
		log.Error("operator failed", "reason", err.Error())
		return failed
	}
	log.Info("operator has stopped")
	return done
}

// kubeconfig leads to a Kubernetes: that of the file, or the one that the Pod runs in.
func kubeconfig(file string) (*rest.Config, error) {
	if file == "" {
		return rest.InClusterConfig()
	}
	return clientcmd.BuildConfigFromFlags("", file)
}
