// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package apart

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"nationtech.io/harmony/wait"
)

const cgroupsAt = "/sys/fs/cgroup"

// cgroups are those that podmans had before this one. They are the one thing that podmans of a machine share, so one podman
// that is apart has them at a time.
type cgroups struct {
	lock   *os.File
	before []string
}

// othersLimit is how long the tests of another package may have their podman. The device of the demonstration has one for ever.
const othersLimit = 10 * time.Minute

// watchCgroups waits until no other podman that is apart runs on this machine.
func watchCgroups(ctx context.Context) (cgroups, error) {
	lock, err := os.Open(cgroupsAt)
	if err != nil {
		return cgroups{}, fmt.Errorf("look at the cgroups: %w", err)
	}
	err = wait.Until(ctx, "another podman of Harmony on this machine to end", wait.Pace{Limit: othersLimit}, func(context.Context) (string, bool, error) {
		err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return "it runs; that of the demonstration ends with make down", false, nil
		}
		return "", err == nil, err
	})
	if err != nil {
		return cgroups{}, errors.Join(fmt.Errorf("lock the cgroups: %w", err), lock.Close())
	}
	before, err := podmanCgroups()
	return cgroups{lock, before}, err
}

// tidy removes the cgroups that podman has made meanwhile, all others left alone.
func (c cgroups) tidy(ctx context.Context) error {
	if c.lock == nil {
		return nil
	}
	defer func() { _ = c.lock.Close() }() // which ends the lock
	// A process that was killed is in its cgroup until it has ended.
	return wait.Until(ctx, "podman's cgroups to be empty", wait.Pace{Limit: 10 * time.Second}, func(context.Context) (string, bool, error) {
		now, err := podmanCgroups()
		for _, dir := range slices.Backward(now) {
			if slices.Contains(c.before, dir) {
				continue
			}
			if held := os.Remove(dir); !errors.Is(held, fs.ErrNotExist) { // cpu and cpuacct may be one
				err = errors.Join(err, held)
			}
		}
		if err != nil {
			return err.Error(), false, nil
		}
		return "", true, nil
	})
}

// podmanCgroups are all, of both versions, those within others after them.
func podmanCgroups() (all []string, err error) {
	for _, pattern := range []string{cgroupsAt + "/libpod_parent", cgroupsAt + "/*/libpod_parent"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			return nil, fmt.Errorf("look for podman's cgroups: %w", err)
		}
		for _, top := range found {
			err := filepath.WalkDir(top, func(dir string, e fs.DirEntry, err error) error {
				if err == nil && e.IsDir() {
					all = append(all, dir)
				}
				return err
			})
			if err != nil && !errors.Is(err, fs.ErrNotExist) { // it went meanwhile
				return nil, fmt.Errorf("look for podman's cgroups: %w", err)
			}
		}
	}
	return all, nil
}
