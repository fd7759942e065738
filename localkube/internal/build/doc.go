// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package build builds the programs of a cluster from their Go modules, once:
// what is built is cached under a hash of what it is built from.
package build
