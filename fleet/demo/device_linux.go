// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"nationtech.io/harmony/internal/apart"
)

// agentEnds is how long the agent has to end by itself.
const agentEnds = 10 * time.Second

// device is a podman and the agent beside it, until the context ends.
func (h home) device(ctx context.Context) (err error) {
	lock, err := h.lock()
	if err != nil {
		return err
	}
	defer func() { _ = lock.Close() }() // which says that all has ended
	if _, err := fmt.Fprintln(lock, os.Getpid()); err != nil {
		return fmt.Errorf("say which process the device is: %w", err)
	}
	network, err := apart.NewNetwork()
	if err != nil {
		return err
	}
	defer network.Close()
	podman, err := apart.StartPodman(ctx, network)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, podman.Stop(ctx)) }()
	if err := h.say("socket", podman.Socket); err != nil {
		return err
	}
	program, err := agent()
	if err != nil {
		return err
	}
	// The rest of the configuration is there by now.
	if err := h.say("podman.toml", fmt.Sprintf("[runtime]\nstate_dir = %q\npodman_socket = %q\n", h.at("state"), podman.Socket)); err != nil {
		return err
	}
	if err := h.join("agent.toml", "fleet.toml", "podman.toml"); err != nil {
		return err
	}
	process := exec.CommandContext(ctx, program, "--config", h.at("agent.toml"))
	process.Stdout, process.Stderr = os.Stdout, os.Stderr
	process.Cancel, process.WaitDelay = func() error { return process.Process.Signal(syscall.SIGTERM) }, agentEnds
	process.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := process.Run(); err != nil && ctx.Err() == nil {
		return fmt.Errorf("run the agent: %w", err)
	}
	return nil
}

// agent is the program beside this one.
func agent() (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("find this program: %w", err)
	}
	return filepath.Join(filepath.Dir(self), "harmony-fleet-agent"), nil
}

// say writes a file as a whole, or not at all.
func (h home) say(file, text string) error {
	if err := os.WriteFile(h.at(file+".new"), []byte(text), 0o600); err != nil {
		return fmt.Errorf("write %s: %w", file, err)
	}
	if err := os.Rename(h.at(file+".new"), h.at(file)); err != nil {
		return fmt.Errorf("write %s: %w", file, err)
	}
	return nil
}

func (h home) join(to string, parts ...string) error {
	var all []byte
	for _, part := range parts {
		text, err := os.ReadFile(h.at(part))
		if err != nil {
			return fmt.Errorf("write %s: %w", to, err)
		}
		all = append(all, text...)
	}
	return h.say(to, string(all))
}
