// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package cli is the library behind the harmony-* programs: it makes a command line of
// components (Scores with flags for their fields) and the topologies that the program was built with.
package cli
