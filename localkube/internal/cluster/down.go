// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"strconv"
	"syscall"
	"time"

	"nationtech.io/harmony/localkube/internal/claim"
	"nationtech.io/harmony/localkube/internal/fault"
	"nationtech.io/harmony/localkube/internal/state"
	"nationtech.io/harmony/localkube/internal/supervisor"
	"nationtech.io/harmony/localkube/internal/wait"
)

// Stop stops a cluster and keeps its state: Up brings the same objects back.
func (m Manager) Stop(ctx context.Context, name string) error {
	return m.end(ctx, name, false)
}

// Down ends a cluster and removes everything of it, whatever state it is in.
// That there is none is no error.
func (m Manager) Down(ctx context.Context, name string) error {
	err := m.end(ctx, name, true)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func (m Manager) end(ctx context.Context, name string, discard bool) error {
	if err := state.CheckName(name); err != nil {
		return err
	}
	c := m.Root.Cluster(name)
	if _, err := os.Stat(c.Dir); err != nil {
		return fault.Wrap(fault.Absent, fs.ErrNotExist, "there is no cluster %q", name)
	}
	lock, err := m.lock(ctx, c)
	if err != nil {
		return err
	}
	defer lock.Unlock()
	spec, err := c.Load()
	if discard && errors.Is(err, fs.ErrNotExist) {
		// A directory without a spec: an `up` was cut short before it chose addresses.
		return remove(c)
	}
	if err != nil {
		return err
	}
	if err := endSupervisor(ctx, c, discard); err != nil {
		return err
	}
	owner, err := claim.Machine.Owner(spec.Index)
	if err != nil {
		return err
	}
	if owner == "" || owner == c.Dir { // else what bears its range's name is another's
		if err := supervisor.Clean(ctx, spec); err != nil {
			return err
		}
	}
	if discard {
		return discardState(ctx, c, spec)
	}
	return nil
}

func discardState(ctx context.Context, c state.Cluster, spec state.Spec) error {
	lock, err := claim.Machine.Lock(ctx)
	if err != nil {
		return err
	}
	defer lock.Unlock()
	if err := claim.Machine.Release(spec.Index, c); err != nil {
		return err
	}
	return remove(c)
}

// endSupervisor tells the supervisor to stop, and kills it when it does not. Its nodes die with it.
func endSupervisor(ctx context.Context, c state.Cluster, discard bool) error {
	client := supervisor.NewClient(c)
	orderCtx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	status, statusErr := client.Status(orderCtx)
	if statusErr == nil {
		statusErr = client.Stop(orderCtx, discard)
	}
	stopCtx, cancelStop := context.WithTimeout(ctx, stopLimit)
	defer cancelStop()
	if statusErr != nil {
		cancelStop() // it does not listen: do not wait for it
	}
	if gone(stopCtx, c) == nil {
		return nil
	}
	if ctx.Err() != nil {
		return fault.Wrap(fault.Failed, context.Cause(ctx), "wait for cluster %s to stop; it goes on stopping", c.Name)
	}
	pid := status.PID
	if pid == 0 {
		pid = supervisor.PID(c)
	}
	if supervises(pid, c) {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
	killCtx, cancelKill := context.WithTimeout(ctx, 5*time.Second)
	defer cancelKill()
	return gone(killCtx, c)
}

// supervises tells whether the process is the cluster's supervisor: the file with its number may be old, and the
// number another's by now.
func supervises(pid int, c state.Cluster) bool {
	line, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/cmdline")
	return pid > 1 && err == nil && bytes.Contains(line, []byte(c.Dir))
}

// gone waits for the supervisor's lock to be free: it has ended, however it did.
func gone(ctx context.Context, c state.Cluster) error {
	return wait.Until(ctx, "the supervisor of cluster "+c.Name+" to end", 10*time.Millisecond, func(context.Context) (bool, string, error) {
		lock, err := state.TryLock(c.SupervisorLockFile())
		if errors.Is(err, state.ErrLocked) {
			return false, "it runs", nil
		}
		if err == nil {
			lock.Unlock()
		}
		return err == nil, "", err
	})
}

func remove(c state.Cluster) error {
	if err := os.RemoveAll(c.Dir); err != nil {
		return fault.Wrap(fault.Failed, err, "remove the state of cluster %q", c.Name)
	}
	return nil
}
