// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package throughplace has a Score that knows more than its place tells it.
package throughplace

import (
	"context"
	"net"
	"os/exec" // want "throughplace: a Score's package imports os/exec"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/kube"
)

// Score is installed by a program.
type Score struct{}

// Name is "score".
func (Score) Name() string { return "score" }

// Interpret runs the program where the place can do more than was asked for.
func (Score) Interpret(ctx context.Context, on kube.Place) (harmony.Outcome, error) {
	if _, ok := on.(interface{ Machines() []string }); ok { // want "throughplace: a type assertion on the Score's place"
		return harmony.Outcome{}, exec.CommandContext(ctx, "install").Run()
	}
	return harmony.Outcome{}, nil
}

// SmokeTest connects from wherever it runs.
func (Score) SmokeTest(ctx context.Context, on kube.Place) error {
	conn, err := net.Dial("tcp", "score:80") // want "throughplace: net.Dial does not go through the Score's place"
	if err != nil {
		_, err = on.Kubernetes().Dial(ctx, kube.Service{Name: "score", Port: 80})
		return err
	}
	return conn.Close()
}
