// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Command lint runs everything that checks this repository without running it, and tells how it went: a line
// for each step, what a step said when it failed, and a closing line that counts them all.
//
//	go run ./internal/lint [-list] [-only NAME,…]
//
// A name stands for all steps below it: vet for vet and vet/localkube. The exit code is 1 when a step failed and 2
// when the command line makes no sense.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"golang.org/x/sync/errgroup"
)

// together is how many steps run side by side: one alone leaves processors idle, more take each other's memory.
const together = 2

func main() {
	list := flag.Bool("list", false, "name the steps and end")
	only := flag.String("only", "", "run these steps only; with commas between them")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := lint(ctx, os.Stdout, *list, *only)
	stop()
	os.Exit(code)
}

func lint(ctx context.Context, out io.Writer, list bool, only string) int {
	all, err := steps()
	if err == nil && only != "" {
		all, err = choose(all, strings.Split(only, ","))
	}
	if err != nil {
		fmt.Fprintln(out, "lint:", err)
		return 2
	}
	if list {
		for _, s := range all {
			fmt.Fprintln(out, s.name)
		}
		return 0
	}
	r := &report{out: out}
	var group errgroup.Group
	group.SetLimit(together)
	for _, s := range all {
		group.Go(func() error { r.take(s, s.run(ctx, r.progress)); return nil })
	}
	_ = group.Wait() // what went wrong is in the report
	return r.close()
}

// choose keeps the steps of these names, and those below them.
func choose(all []step, names []string) (chosen []step, err error) {
	for _, name := range names {
		if !slices.ContainsFunc(all, func(s step) bool { return s.isBelow(name) }) {
			return nil, fmt.Errorf("there is no step %q (-list names them): %w", name, os.ErrInvalid)
		}
	}
	for _, s := range all {
		if slices.ContainsFunc(names, s.isBelow) {
			chosen = append(chosen, s)
		}
	}
	return chosen, nil
}
