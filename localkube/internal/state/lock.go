// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package state

import (
	"context"
	"errors"
	"os"
	"syscall"
	"time"

	"nationtech.io/harmony/localkube/internal/fault"
	"nationtech.io/harmony/localkube/internal/wait"
)

// ErrLocked says that another process holds the lock.
var ErrLocked = errors.New("locked by another process")

// Lock is a lock on a file. The kernel gives it back when its holder dies.
type Lock struct{ file *os.File }

// TryLock takes the exclusive lock on a file, or gives ErrLocked when another has it.
func TryLock(path string) (*Lock, error) { return take(path, syscall.LOCK_EX) }

// ShareLock takes a shared lock on a file, or gives ErrLocked when another has it exclusively.
func ShareLock(path string) (*Lock, error) { return take(path, syscall.LOCK_SH) }

func take(path string, how int) (*Lock, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fault.Wrap(fault.Failed, err, "open a lock")
	}
	err = syscall.Flock(int(file.Fd()), how|syscall.LOCK_NB)
	if err == nil {
		return &Lock{file}, nil
	}
	_ = file.Close()
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, ErrLocked
	}
	return nil, fault.Wrap(fault.Failed, err, "lock %s", path)
}

// WaitLock takes the exclusive lock on a file, waiting for it until ctx ends.
// waiting is called once if another has it.
func WaitLock(ctx context.Context, path string, waiting func()) (*Lock, error) {
	var held *Lock
	told := false
	err := wait.Until(ctx, "the lock "+path, 50*time.Millisecond, func(context.Context) (bool, string, error) {
		l, err := TryLock(path)
		if errors.Is(err, ErrLocked) {
			if !told {
				told = true
				waiting()
			}
			return false, err.Error(), nil
		}
		held = l
		return err == nil, "", err
	})
	return held, err
}

// Unlock gives the lock back.
func (l *Lock) Unlock() { _ = l.file.Close() }
