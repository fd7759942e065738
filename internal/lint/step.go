// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"time"
)

// farewell is how long a command may take to end when it is interrupted.
const farewell = 5 * time.Second

// A step is one command in one module.
type step struct {
	name    string
	dir     string
	command []string
	tool    *tool                        // what the command needs, built before
	silent  bool                         // whatever the command says is a finding, however it ends
	unable  func(context.Context) string // why it cannot be done here; empty when it can
}

func (s step) isBelow(name string) bool { return s.name == name || strings.HasPrefix(s.name, name+"/") }

func (s step) run(ctx context.Context, progress func(string)) (how result) {
	start := time.Now()
	defer func() { how.took = time.Since(start) }()
	if s.unable != nil {
		if why := s.unable(ctx); why != "" {
			return result{verdict: skipped, said: why}
		}
	}
	if s.tool != nil {
		if said, err := s.tool.build(ctx, progress); err != nil {
			return result{verdict: failed, said: said + "\n" + err.Error()}
		}
	}
	said, err := say(ctx, s.dir, s.command)
	if err != nil {
		return result{verdict: failed, said: said + "\n" + strings.Join(s.command, " ") + ": " + err.Error()}
	}
	if s.silent && strings.TrimSpace(said) != "" {
		return result{verdict: failed, said: said}
	}
	return result{verdict: passed}
}

// say runs a command and gives all that it says.
func say(ctx context.Context, dir string, command []string) (string, error) {
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Dir, cmd.WaitDelay = dir, farewell
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) } // go then ends what it has started
	said, err := cmd.CombinedOutput()
	return string(said), err
}
