// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package toolchain runs the Go toolchain of this machine: static, reproducible
// programs out of a tree of sources, with progress while it compiles.
package toolchain
