// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package folder

import (
	"os"
	"path/filepath"
	"syscall"

	"nationtech.io/harmony/fleet/assertion"
)

// Next is a key that is to come in place of the one in a file. It stands beside it, so that one that an issuer may know
// already is not lost.
type Next struct {
	Key  assertion.Key
	file string
}

// NextKey gives the key that is to come in place of the one in file, and makes one if there is none. It is on the disk
// before it is given.
func NextKey(file string) (Next, error) {
	key, _, err := keyAt(file+".next", assertion.New)
	return Next{key, file}, err
}

// Take puts it in the place of the other, for those who could read that one.
func (n Next) Take() error {
	from := n.file + ".next"
	before, err := os.Stat(n.file)
	if err != nil {
		return unusable(n.file).Because(err)
	}
	if of, ok := before.Sys().(*syscall.Stat_t); ok {
		if err := os.Chown(from, int(of.Uid), int(of.Gid)); err != nil {
			return unusable(from).Because(err)
		}
	}
	if err := os.Chmod(from, before.Mode().Perm()); err != nil {
		return unusable(from).Because(err)
	}
	if err := os.Rename(from, n.file); err != nil {
		return unusable(n.file).Because(err)
	}
	if err := kept(filepath.Dir(n.file)); err != nil {
		return unusable(n.file).Because(err)
	}
	return nil
}
