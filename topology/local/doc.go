// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package local is the topology on this machine: a real Kubernetes that is started
// on first use, and images that are built here and loaded into its nodes.
//
// The cluster is the work of localkube, a module and a program of its own, which is
// built from the same sources as this program and then run: nothing of Kubernetes'
// server side is linked in here. $HARMONY_LOCALKUBE names a built localkube to use instead.
package local
