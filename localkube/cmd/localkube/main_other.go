// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime"

	"nationtech.io/harmony/localkube/internal/fault"
)

// Elsewhere than on Linux there is one answer, in the form that callers know.
func main() {
	f := fault.New(fault.Prerequisite, "this machine cannot run a local cluster")
	f.Missing = []fault.Missing{{
		What: "Linux", Why: "nodes are made of Linux namespaces, and this is " + runtime.GOOS,
		Help: "run it on a Linux machine or in a Linux virtual machine",
	}}
	fmt.Fprintln(os.Stderr, "error:", f)
	// A program that reads JSON finds it; a person has read the line above.
	_ = json.NewEncoder(os.Stdout).Encode(map[string]any{
		"event": "error", "kind": f.Kind, "message": f.Message, "missing": f.Missing,
	})
	os.Exit(f.ExitCode())
}
