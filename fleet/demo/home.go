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
	"strconv"
	"strings"
	"syscall"
	"time"

	"nationtech.io/harmony/wait"
)

// A home is the folder where the device keeps what it needs between its start and its end.
type home string

func newHome() (home, error) {
	state := os.Getenv("XDG_STATE_HOME")
	if state == "" {
		user, err := os.UserHomeDir()
		if err != nil {
			return "", fmt.Errorf("find a place for the device: %w", err)
		}
		state = filepath.Join(user, ".local", "state")
	}
	return home(filepath.Join(state, "harmony-demo")), nil
}

func (h home) at(file string) string { return filepath.Join(string(h), file) }

// lock is held by the device as long as it lives, and says which process it is.
func (h home) lock() (*os.File, error) {
	if err := os.MkdirAll(string(h), 0o700); err != nil {
		return nil, fmt.Errorf("make the device's folder: %w", err)
	}
	f, err := os.OpenFile(h.at("lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the device's folder: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("lock the device's folder: %w", err), f.Close())
	}
	return f, nil
}

// down ends the device, if there is one, and waits until it has.
func (h home) down(ctx context.Context) error {
	told := false
	err := wait.Until(ctx, "the device to end", wait.Pace{Limit: time.Minute}, func(context.Context) (string, bool, error) {
		lock, err := h.lock()
		switch {
		case err == nil:
			return "", true, errors.Join(os.RemoveAll(string(h)), lock.Close())
		case !errors.Is(err, syscall.EWOULDBLOCK):
			return "", false, err
		case told:
			return "it has not ended yet", false, nil
		}
		text, err := os.ReadFile(h.at("lock"))
		if err != nil {
			return "", false, err
		}
		process, _ := strconv.Atoi(strings.TrimSpace(string(text)))
		if process == 0 {
			return "it is only starting", false, nil
		}
		told = true
		return "it was told to end", false, syscall.Kill(process, syscall.SIGTERM)
	})
	if err != nil {
		return fmt.Errorf("end the device: %w", err)
	}
	return nil
}

// start starts the device as a process of its own, which stays when this one ends, and gives podman's socket.
func (h home) start(ctx context.Context) (socket string, err error) {
	self, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("find this program: %w", err)
	}
	log, err := os.Create(h.at("device.log"))
	if err != nil {
		return "", fmt.Errorf("make the device's log: %w", err)
	}
	defer func() { _ = log.Close() }()      // the device has its own
	process := exec.Command(self, "device") //nolint:noctx // it outlives this process
	process.Stdout, process.Stderr = log, log
	process.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := process.Start(); err != nil {
		return "", fmt.Errorf("start the device: %w", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- process.Wait() }()
	err = wait.Until(ctx, "the device to be on", wait.Pace{Limit: time.Minute}, func(context.Context) (string, bool, error) {
		select {
		case err := <-ended:
			text, _ := os.ReadFile(log.Name())
			return "", false, fmt.Errorf("it ended (%w): %s", err, text)
		default:
		}
		text, err := os.ReadFile(h.at("socket"))
		if errors.Is(err, os.ErrNotExist) {
			return "podman is not ready", false, nil
		}
		socket = string(text)
		return "", err == nil, err
	})
	if err != nil {
		return "", fmt.Errorf("start the device: %w", err)
	}
	return socket, nil
}
