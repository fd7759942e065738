// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package cluster brings clusters up, looks at them and takes them down. It is
// what the commands do; the nodes themselves belong to the cluster's supervisor.
package cluster
