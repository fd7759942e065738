// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"runtime/debug"
)

// release is set by the linker when a release is built: -X main.release=v1.2.3
var release string

// version is the release, or what the Go toolchain noted about the build.
func version() string {
	if release != "" {
		return release
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "unknown"
}

const (
	memoryLimit = 16 << 20 // bytes of the Go runtime; the program's own pages come on top
	gcPercent   = 50
)

// thrift trades a little processor time, of which an idle agent has plenty, for
// memory, unless the environment says otherwise.
func thrift() {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
}
