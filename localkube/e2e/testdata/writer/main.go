// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Command writer writes what it is told into a file, unless it is there, says
// what the file holds, and waits to be ended.
package main

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	path, content := os.Args[1], os.Args[2]
	if _, err := os.Stat(path); err != nil {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	held, err := os.ReadFile(path)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Printf("uid %d holds %s\n", os.Getuid(), held)
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, syscall.SIGTERM)
	<-ended
}
