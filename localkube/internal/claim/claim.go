// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package claim records which cluster owns which address range of the machine.
// A stopped cluster keeps its range, also against clusters of other state
// directories, which know nothing of it otherwise; so what bears the name of a
// range (a bridge, a cgroup) is its owner's, and no one else removes it.
package claim

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"nationtech.io/harmony/localkube/internal/address"
	"nationtech.io/harmony/localkube/internal/fault"
	"nationtech.io/harmony/localkube/internal/state"
)

// Machine is where the claims of this machine lie.
const Machine Registry = "/var/lib/harmony-localkube"

// Registry is a directory with a file for each range, which names its owner's directory.
type Registry string

// Lock keeps others from changing claims; it waits for it.
func (r Registry) Lock(ctx context.Context) (*state.Lock, error) {
	if err := os.MkdirAll(string(r), 0o700); err != nil {
		return nil, fault.Wrap(fault.Failed, err, "make the directory of claims")
	}
	return state.WaitLock(ctx, filepath.Join(string(r), "lock"), func() {})
}

func (r Registry) file(p address.Plan) string {
	return filepath.Join(string(r), strconv.Itoa(int(p)))
}

// Owner gives the directory of the cluster that owns a range, or "". A cluster
// whose state someone has removed by hand owns nothing.
func (r Registry) Owner(p address.Plan) (string, error) {
	content, err := os.ReadFile(r.file(p))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fault.Wrap(fault.Failed, err, "read a claim")
	}
	dir := string(content)
	if spec, err := (state.Cluster{Name: filepath.Base(dir), Dir: dir}).Load(); err == nil && spec.Index == p {
		return dir, nil
	}
	return "", nil
}

// Taken gives the indexes of all ranges that have an owner.
func (r Registry) Taken() (map[int]bool, error) {
	taken := map[int]bool{}
	for i := 1; i <= address.MaxIndex; i++ {
		owner, err := r.Owner(address.Plan(i))
		if err != nil {
			return nil, err
		}
		if owner != "" {
			taken[i] = true
		}
	}
	return taken, nil
}

// Claim makes a cluster the owner of a range. Its spec must be saved with that index.
func (r Registry) Claim(p address.Plan, c state.Cluster) error {
	owner, err := r.Owner(p)
	if err != nil {
		return err
	}
	if owner != "" && owner != c.Dir {
		return fault.New(fault.Start, "cluster %q has address range %s, which belongs to the cluster in %s: take one of them down", c.Name, p.Nodes(), owner)
	}
	return state.WriteFile(r.file(p), []byte(c.Dir))
}

// Release gives a range up. That another owns it is no error, and changes nothing.
func (r Registry) Release(p address.Plan, c state.Cluster) error {
	owner, err := r.Owner(p)
	if err != nil || (owner != "" && owner != c.Dir) {
		return err
	}
	if err := os.Remove(r.file(p)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fault.Wrap(fault.Failed, err, "give up a claim")
	}
	return nil
}
