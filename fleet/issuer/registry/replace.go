// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"go.etcd.io/bbolt"

	"nationtech.io/harmony/diag"
)

// MaxBackup is the largest backup in bytes that an issuer takes while it runs: it holds it in memory, of which its Pod has 256 MiB.
const MaxBackup = 96 << 20

// What stands beside a registry: the one that is to take its place at the next start, and the one whose place was taken.
const (
	nextSuffix   = ".next"
	formerSuffix = ".former"
)

// Replace lets what is in a backup take the place of this registry at the next start. Its error is a Diagnostic with the code
// RestoreRefused; then all stays as it is.
func (r *Registry) Replace(backup []byte) error {
	data, err := stripped(backup)
	if err != nil {
		return diag.New(diag.RestoreRefused, "backup").Because(err)
	}
	next := r.db.Path() + nextSuffix
	if err := os.Remove(next); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return diag.New(diag.RestoreRefused, next).Because(err)
	}
	if err := writeNew(next, data); err != nil {
		return diag.New(diag.RestoreRefused, next).Because(err)
	}
	return nil
}

// TakeOver puts what Replace has left in the place of a registry that nobody has open, and tells whether there was something. What
// was there stays beside it, until the next time. It may be cut off at any step, and be done again. Its error is a Diagnostic with
// the code RegistryUnusable.
func TakeOver(file string) (taken bool, err error) {
	next := file + nextSuffix
	if _, err := os.Lstat(next); errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if _, err := os.Lstat(file); err == nil {
		present, err := Open(file) // as long as it is open, nobody else opens it
		if err != nil {
			return false, err
		}
		defer func() {
			if closed := present.Close(); closed != nil {
				err = errors.Join(err, unusable(file, closed))
			}
		}()
		if err := present.tellUsed(next); err != nil {
			return false, unusable(next, err)
		}
		if err := os.Rename(file, file+formerSuffix); err != nil {
			return false, unusable(file, err)
		}
	}
	if err := errors.Join(os.Rename(next, file), syncFolder(file)); err != nil {
		return false, unusable(file, err)
	}
	return true, nil
}

// tellUsed lets another registry remember which assertions were used, so that none is good once more.
func (r *Registry) tellUsed(file string) error {
	other, err := Open(file)
	if err != nil {
		return err
	}
	err = r.db.View(func(from *bbolt.Tx) error {
		return other.db.Update(func(to *bbolt.Tx) error {
			return from.Bucket(usedBucket).ForEach(to.Bucket(usedBucket).Put)
		})
	})
	return errors.Join(err, other.Close())
}

// syncFolder writes to the disk which files there are beside file.
func syncFolder(file string) error {
	dir, err := os.Open(filepath.Dir(file))
	if err != nil {
		return fmt.Errorf("write its folder to the disk: %w", err)
	}
	if err := errors.Join(dir.Sync(), dir.Close()); err != nil {
		return fmt.Errorf("write its folder to the disk: %w", err)
	}
	return nil
}
