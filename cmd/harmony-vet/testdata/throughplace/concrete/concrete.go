// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package concrete has a Score that is for one topology only.
package concrete

import (
	"context"

	"nationtech.io/harmony"
)

// Topology is a place.
type Topology struct{}

// Name is "here".
func (*Topology) Name() string { return "here" }

// Score is any.
type Score struct{}

// Name is "score".
func (Score) Name() string { return "score" }

// Interpret changes nothing.
func (Score) Interpret(_ context.Context, on *Topology) (harmony.Outcome, error) { // want "Score is placed on \\*Topology, which is no interface"
	return harmony.Outcome{}, nil
}

// SmokeTest asks for the name.
func (Score) SmokeTest(_ context.Context, on *Topology) error { _ = on.Name(); return nil }
