// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package child runs programs on behalf of a run of Harmony, such as the Go toolchain
// and the manager of the local Kubernetes.
package child

import (
	"bufio"
	"context"
	"io"
	"os/exec"
	"sync"
	"time"
)

// Command is a program that stays out of the way of the terminal's Ctrl-C and is
// interrupted when ctx ends. After an interrupt it may take patience to clean up; then it is killed.
func Command(ctx context.Context, patience time.Duration, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	apart(cmd)
	cmd.Cancel = func() error { return interrupt(cmd.Process) }
	cmd.WaitDelay = patience
	return cmd
}

// Lines gives a writer for a command's output and a function that is called when the
// command has ended: it returns when line has seen the last line.
func Lines(line func(string)) (to io.Writer, end func()) {
	read, write := io.Pipe()
	var reading sync.WaitGroup
	reading.Go(func() {
		in := bufio.NewScanner(read)
		in.Buffer(nil, longest)
		for in.Scan() {
			line(in.Text())
		}
		_, _ = io.Copy(io.Discard, read) // the rest, so that the command is not blocked
	})
	return write, func() {
		_ = write.Close() // never fails
		reading.Wait()
	}
}

// longest is the length in bytes that a line may have.
const longest = 4 << 20
