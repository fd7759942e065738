// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package child

import (
	"os"
	"os/exec"
	"syscall"
)

// apart puts the command into a process group of its own, so that Ctrl-C on the
// terminal reaches Harmony alone, which decides what becomes of work in progress.
func apart(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

func interrupt(p *os.Process) error { return p.Signal(syscall.SIGINT) }
