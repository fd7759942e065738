// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package elsewhere has no Score, save in its test.
package elsewhere

import (
	"net/http"
	"os/exec"
)

// Run runs a program.
func Run() error { return exec.Command("true").Run() }

// Get asks.
func Get() (*http.Response, error) { return http.Get("http://localhost") }
