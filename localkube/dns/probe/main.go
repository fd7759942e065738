// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"time"
)

const (
	limit    = 20 * time.Second
	interval = 50 * time.Millisecond
	// A lost packet must not cost the seconds that resolvers wait by default.
	firstPatience, maxPatience = 250 * time.Millisecond, 4 * time.Second
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: probe HOST:PORT")
		os.Exit(2)
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	if err := connect(ctx, os.Args[1]); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", os.Args[1], err)
		os.Exit(1)
	}
}

// connect tries until it succeeds or ctx ends, and gives the last error.
func connect(ctx context.Context, target string) error {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for patience := firstPatience; ; patience = min(2*patience, maxPatience) {
		dialer := net.Dialer{Timeout: patience}
		connection, err := dialer.DialContext(ctx, "tcp", target)
		if err == nil {
			return connection.Close()
		}
		select {
		case <-ctx.Done():
			return err
		case <-ticker.C:
		}
	}
}
