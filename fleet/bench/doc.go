// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Command bench measures the first deploy: how long the local Kubernetes needs to start, a warm and a no-op
// deploy by the real command line, and how small the agent is; plans; fleets of thousands of simulated devices, with the
// real operator; and what it costs to know who connects. It prints one line a figure and judges nothing.
//
//	make bench-first
//	make bench-plan
//	make bench-fleet
//	make bench-identity
//
//harmony:exempt kubeobjects its baseline is a plain client that watches Pods, and a fleet is measured beside a cluster, not deployed
package main
