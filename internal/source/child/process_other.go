// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !unix

package child

import (
	"os"
	"os/exec"
)

func apart(*exec.Cmd) {}

func interrupt(p *os.Process) error { return p.Kill() }
