// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"nationtech.io/harmony/localkube/internal/build"
	"nationtech.io/harmony/localkube/internal/fault"
	"nationtech.io/harmony/localkube/internal/node"
	"nationtech.io/harmony/localkube/internal/prereq"
	"nationtech.io/harmony/localkube/internal/state"
	"nationtech.io/harmony/localkube/internal/supervisor"
)

// The commands here are how localkube starts itself; people do not call them.

func nodeMain(stderr io.Writer) int {
	return report(stderr, node.Run(slog.New(slog.NewTextHandler(stderr, nil))))
}

// superviseMain supervises the cluster in a directory until it is told to stop.
func superviseMain(args []string, stderr io.Writer) int {
	if len(args) != 1 {
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	signal.Ignore(syscall.SIGINT, syscall.SIGHUP)
	return report(stderr, supervise(ctx, args[0], slog.New(slog.NewTextHandler(stderr, nil))))
}

func supervise(ctx context.Context, dir string, log *slog.Logger) error {
	var programs build.Programs
	content, err := os.ReadFile(filepath.Join(dir, "programs.json"))
	if err != nil {
		return fault.Wrap(fault.Start, err, "read the list of programs")
	}
	if err := json.Unmarshal(content, &programs); err != nil {
		return fault.Wrap(fault.Start, err, "read the list of programs")
	}
	// A node that is started again needs its programs: keep them in the cache.
	for _, dir := range programs.Dirs {
		lock, err := build.Hold(dir)
		if err != nil {
			return err
		}
		defer lock.Unlock()
	}
	return supervisor.Run(ctx, state.Cluster{Name: filepath.Base(dir), Dir: dir}, programs.Dirs, log)
}

func probeKernelMain(args []string, stdout io.Writer) int {
	if len(args) != 1 {
		return 2
	}
	if err := json.NewEncoder(stdout).Encode(prereq.ProbeKernel(args[0])); err != nil {
		return 1
	}
	return 0
}

func report(stderr io.Writer, err error) int {
	if err == nil {
		return 0
	}
	_, _ = fmt.Fprintln(stderr, "localkube:", err)
	return 1
}
