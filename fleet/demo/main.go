// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Command demo shows a fleet at work after it was deployed on a local Kubernetes: it makes a device of this machine, with a
// podman and an agent of its own, and types what whoever looks after a fleet types.
//
//	demo up      starts the device anew and shows it
//	demo down    ends the device, and leaves nothing of it behind
//	demo device  is the device; up starts it
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"syscall"
)

func main() {
	runtime.LockOSThread() // a device's agent ends with the thread that starts it
	ctx, off := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer off()
	home, err := newHome()
	if err == nil {
		err = run(ctx, os.Args[1:], home)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, h home) error {
	if len(args) == 1 {
		switch args[0] {
		case "up":
			return h.up(ctx)
		case "down":
			return h.down(ctx)
		case "device":
			return h.device(ctx)
		}
	}
	return fmt.Errorf("usage: demo up|down")
}
