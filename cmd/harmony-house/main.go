// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Command harmony-house checks of a whole module what harmony-vet cannot see in one package: that what is
// marked //harmony:runtime in its doc.go does not reach the framework.
//
//	go run nationtech.io/harmony/cmd/harmony-house [DIR]
package main

import (
	"fmt"
	"io"
	"os"

	"nationtech.io/harmony/internal/house"
)

// Exit codes.
const (
	kept   = 0
	broken = 1
	misuse = 2 // wrong usage, or a module that cannot be read
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, out, errs io.Writer) int {
	dir := "."
	switch {
	case len(args) > 1 || len(args) == 1 && len(args[0]) > 1 && args[0][0] == '-':
		fmt.Fprintln(errs, "Usage:\n  harmony-house [DIR]   check the module in DIR, or in the working directory")
		return misuse
	case len(args) == 1:
		dir = args[0]
	}
	found, err := house.Runtime(dir)
	if err != nil {
		fmt.Fprintln(errs, "harmony-house:", err)
		return misuse
	}
	for _, f := range found {
		fmt.Fprintln(out, house.RuntimeRule().Says(f))
	}
	fmt.Fprintf(out, "runtime: %d found\n", len(found))
	if len(found) > 0 {
		return broken
	}
	return kept
}
