// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package state

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sort"

	"nationtech.io/harmony/localkube/internal/fault"
)

// Root is the directory with the state of all clusters.
type Root string

// DefaultRoot is $XDG_STATE_HOME/harmony/localkube, or the same below ~/.local/state.
func DefaultRoot() (Root, error) {
	home := os.Getenv("XDG_STATE_HOME")
	if home == "" {
		user, err := os.UserHomeDir()
		if err != nil {
			return "", fault.Wrap(fault.Usage, err, "no directory for the state: set XDG_STATE_HOME")
		}
		home = filepath.Join(user, ".local", "state")
	}
	root, err := filepath.Abs(filepath.Join(home, "harmony", "localkube"))
	if err != nil {
		return "", fault.Wrap(fault.Usage, err, "no directory for the state")
	}
	return Root(root), nil
}

// Cluster is the place of the cluster with that name, whether it exists or not.
func (r Root) Cluster(name string) Cluster {
	return Cluster{Name: name, Dir: filepath.Join(string(r), name)}
}

// Clusters lists the clusters that have state, by name.
func (r Root) Clusters() ([]Cluster, error) {
	entries, err := os.ReadDir(string(r))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fault.Wrap(fault.Failed, err, "read the clusters' state")
	}
	var found []Cluster
	for _, e := range entries {
		if e.IsDir() && CheckName(e.Name()) == nil {
			found = append(found, r.Cluster(e.Name()))
		}
	}
	sort.Slice(found, func(i, j int) bool { return found[i].Name < found[j].Name })
	return found, nil
}
