// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package harmony is infrastructure as typed Go values.
//
// A Score is the desired state of one component. A Topology is a place where it
// can run. What a Score needs of a place is a Go interface, its capabilities;
// placing it on a Topology that lacks one does not compile:
//
//	nats := fleet.NATS{Namespace: "demo"}
//	report, err := harmony.Deploy(ctx, harmony.Place(nats).On(topology))
//
// Deploy returns only when every component's own smoke test has passed. When it
// cannot, the error is a *Failure whose Diagnostics say what is wrong, where,
// what was observed, and what to do.
//
// The package knows no Kubernetes: what touches the world stands below capability/.
package harmony
