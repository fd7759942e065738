// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package prereq looks whether the machine can run a cluster, and says all that is missing at once.
package prereq

import (
	"context"
	"nationtech.io/harmony/localkube/internal/fault"
)

// Needs is what is about to be done.
type Needs struct {
	State string // directory of the state
	Build bool
	CGO   bool
}

// Check gives a fault.Prerequisite with everything that is missing, or nil.
func Check(context.Context, Needs) error { return nil }

// ProbeKernel tries what nodes need of the kernel, in namespaces of its own, and gives what failed.
func ProbeKernel(dir string) []fault.Missing { return nil }
