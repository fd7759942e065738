// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package node is the first process of a node: in namespaces of its own it
// builds the node's file system and network, starts the components in order,
// starts again what dies, and stops everything. When it ends, however it ends,
// the kernel ends everything in the node.
package node
