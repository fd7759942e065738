// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package supervisor owns the nodes of one cluster. It runs detached from the
// command that started it, takes orders on a socket in the cluster's directory,
// and starts a node again whose first process died. Nodes die with it.
package supervisor
