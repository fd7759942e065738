// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package toolchain

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// ErrMissing tells that no go command was found in PATH.
var ErrMissing = errors.New("there is no go command in PATH")

// A Toolchain is an installed Go.
type Toolchain struct {
	Version string // go1.26.8
	command string
}

// Find gives the Go that builds the module in dir, which may name a newer one than
// the installed. The error is ErrMissing or a *Error.
func Find(ctx context.Context, dir string) (Toolchain, error) {
	command, err := exec.LookPath("go")
	if err != nil {
		return Toolchain{}, fmt.Errorf("%w: %w", ErrMissing, err)
	}
	var stderr strings.Builder
	cmd := exec.CommandContext(ctx, command, "env", "GOVERSION")
	cmd.Dir, cmd.Stderr, cmd.Env = dir, &stderr, environment()
	out, err := cmd.Output()
	if err != nil {
		return Toolchain{}, &Error{What: "go env GOVERSION", Output: lines(stderr.String()), Err: err}
	}
	return Toolchain{Version: strings.TrimSpace(string(out)), command: command}, nil
}

// An Error is a go command that failed.
type Error struct {
	What   string   // the command, in short
	Output []string // what it said
	Err    error
}

// Error gives the command and how it ended.
func (e *Error) Error() string { return e.What + ": " + e.Err.Error() }

// Unwrap gives how the command ended.
func (e *Error) Unwrap() error { return e.Err }

// environment is the one of this process without what would change the result of a build.
func environment(more ...string) []string {
	fixed := []string{
		"GOWORK=off",
		"GOFLAGS=-mod=readonly", // not empty: that would let the user's go env file decide
		"GOAMD64=v1",
		"GOARM64=v8.0",
		"CGO_ENABLED=0",
	}
	env := slices.DeleteFunc(os.Environ(), func(v string) bool {
		return strings.HasPrefix(v, "GOEXPERIMENT=") || strings.HasPrefix(v, "GOFIPS140=")
	})
	return append(append(env, fixed...), more...)
}

func lines(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' })
}
