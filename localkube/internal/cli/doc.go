// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package cli is the command line of localkube.
//
// With --output json standard output is JSON lines, for callers: progress lines
// while something goes on, and last one line with the result or the error. Exit
// codes: 0 done, 1 failed, 2 wrong usage, 3 the machine lacks something.
package cli
