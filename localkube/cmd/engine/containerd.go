// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

//go:build engine

package main

import (
	"context"

	_ "github.com/containerd/containerd/v2/cmd/containerd/builtins" // every plugin that upstream's own binary has
	"github.com/containerd/containerd/v2/cmd/containerd/command"
)

// runContainerd handles signals by itself, hence a context that does not end:
// cancelling it would cut shutdown short.
func runContainerd(_ context.Context, args []string) error {
	return command.App().Run(context.Background(), append([]string{"containerd"}, args...))
}
