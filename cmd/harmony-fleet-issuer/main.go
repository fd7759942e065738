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
	"strings"
	"syscall"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/apiserver"
	"nationtech.io/harmony/fleet/issuer"
	"nationtech.io/harmony/fleet/issuer/registry"
	"nationtech.io/harmony/secret"
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
		fmt.Print(help)
		return done
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "error: %v\nsee: harmony-fleet-issuer --help\n", err)
		return misuse
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	if err := asked.do(ctx); err != nil {
		complain(err)
		return failed
	}
	return done
}

func complain(err error) {
	for _, d := range diag.All(err) {
		if err := (diag.Style{}).Write(os.Stderr, d); err != nil {
			return // nobody reads
		}
	}
}

func (r request) do(ctx context.Context) error {
	switch r.command {
	case "serve":
		return r.serve(ctx)
	case "restore":
		return registry.Restore(r.args[0], r.registry)
	}
	return r.administrate(ctx)
}

func (r request) serve(ctx context.Context) error {
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	slog.SetDefault(log) //nolint:forbidigo // the library of the protocol logs there, and nowhere else
	token, err := readSecret(r.tokenFile)
	if err != nil {
		return err
	}
	fleet, err := apiserver.Open(r.kubeconfig, r.namespace, "harmony-fleet-issuer", log)
	if err != nil {
		return diag.New(diag.IssuerUnusable, "kubeconfig").Because(err)
	}
	err = issuer.Service{
		Config: issuer.Config{URL: r.url, ConnectsPerSecond: r.rate, TokenLifetime: r.lifetime, Log: log}, Fleet: fleet, Registry: r.registry, Machines: r.machines, Listen: r.listen, AdminListen: r.adminListen,
		AdminToken: token, Certificate: issuer.Certificate{CertFile: r.cert, KeyFile: r.key},
	}.Serve(ctx)
	if err != nil {
		return err
	}
	log.Info("issuer has stopped")
	return nil
}

// readSecret reads a file that others may not reach: one of a mounted Secret, or one of an administrator.
func readSecret(file string) (secret.Value, error) {
	info, err := os.Stat(file)
	if err != nil {
		return secret.Value{}, diag.New(diag.IssuerUnusable, file).Because(err)
	}
	if mode := info.Mode().Perm(); mode&0o007 != 0 {
		return secret.Value{}, diag.New(diag.IssuerUnusable, file).Saw(fmt.Sprintf("it is open to others: its mode is %04o", mode)).Try("chmod o= " + file)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return secret.Value{}, diag.New(diag.IssuerUnusable, file).Because(err)
	}
	return secret.New(strings.TrimRight(string(data), "\r\n")), nil
}
