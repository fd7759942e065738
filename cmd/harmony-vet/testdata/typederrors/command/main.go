// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Command command is a program: nobody imports it, so nobody matches its errors.
package main

import (
	"errors"
	"fmt"
	"os"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error { return errors.New("nothing to do") }
