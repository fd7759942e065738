// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package config writes the configuration files of a node's components and
// knows their command lines. Paths are those inside the node, where they are the
// same on every node.
package config
