// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package needs

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"nationtech.io/harmony/wait"
)

const cgroups = "/sys/fs/cgroup"

// tidy removes after the test the cgroups that podman has made meanwhile, all others left alone. They are the one thing
// that podmans of a machine share, so one test has it at a time.
func tidy(t testing.TB) {
	t.Helper()
	lock, err := os.Open(cgroups)
	if err == nil {
		err = syscall.Flock(int(lock.Fd()), syscall.LOCK_EX)
	}
	if err != nil {
		t.Fatal(err)
	}
	before := podmanCgroups(t)
	t.Cleanup(func() {
		defer func() { _ = lock.Close() }() // which ends the lock
		// A process that was killed is in its cgroup until it has ended.
		err := wait.Until(context.WithoutCancel(t.Context()), "podman's cgroups to be empty", wait.Pace{Limit: 10 * time.Second}, func(context.Context) (string, bool, error) {
			var err error
			for _, dir := range slices.Backward(podmanCgroups(t)) {
				if slices.Contains(before, dir) {
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
		if err != nil {
			t.Error(err)
		}
	})
}

// podmanCgroups are all, of both versions, those within others after them.
func podmanCgroups(t testing.TB) (all []string) {
	t.Helper()
	for _, pattern := range []string{cgroups + "/libpod_parent", cgroups + "/*/libpod_parent"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, top := range found {
			err := filepath.WalkDir(top, func(dir string, e fs.DirEntry, err error) error {
				if err == nil && e.IsDir() {
					all = append(all, dir)
				}
				return err
			})
			if err != nil && !errors.Is(err, fs.ErrNotExist) { // it went meanwhile
				t.Fatal(err)
			}
		}
	}
	return all
}
