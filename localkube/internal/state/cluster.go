// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package state

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"nationtech.io/harmony/localkube/internal/address"
	"nationtech.io/harmony/localkube/internal/fault"
)

// Cluster is the place of one cluster's state.
type Cluster struct {
	Name string
	Dir  string
}

// Spec is what a cluster is; it is written once and grows with nodes.
type Spec struct {
	Name    string       `json:"name"`
	Index   address.Plan `json:"index"`
	Nodes   []string     `json:"nodes"`           // the first is the control plane
	Fsync   bool         `json:"fsync"`           // etcd writes through to the disk
	Audit   bool         `json:"audit,omitempty"` // the API server logs every request
	Created time.Time    `json:"created"`
}

// NodeName is the name of the i-th node of a cluster.
func NodeName(cluster string, i int) string {
	if i == 0 {
		return cluster
	}
	return fmt.Sprintf("%s-%d", cluster, i+1)
}

// Cgroup is the name of the cluster's cgroup below the root of each hierarchy.
func (s Spec) Cgroup() string { return fmt.Sprintf("lk%d-%s", s.Index, s.Name) }

// Path joins elements to the cluster's directory.
func (c Cluster) Path(elements ...string) string {
	return filepath.Join(append([]string{c.Dir}, elements...)...)
}

// Node is the directory of a node.
func (c Cluster) Node(name string, elements ...string) string {
	return c.Path(append([]string{"nodes", name}, elements...)...)
}

// Kubeconfig is the file by which people and programs reach the cluster.
func (c Cluster) Kubeconfig() string { return c.Path("kubeconfig") }

// Volumes is the directory of the data of PersistentVolumes.
func (c Cluster) Volumes() string { return c.Path("volumes") }

// AuditLog is where the API server of a cluster logs requests; empty when it does not.
func (c Cluster) AuditLog(s Spec) string {
	if !s.Audit {
		return ""
	}
	return c.Node(s.Nodes[0], "audit", "audit.log")
}

// Socket is where the cluster's supervisor listens.
func (c Cluster) Socket() string { return c.Path("control.sock") }

// Log is the supervisor's log.
func (c Cluster) Log() string { return c.Path("supervisor.log") }

// Make makes the cluster's directory.
func (c Cluster) Make() error {
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return fault.Wrap(fault.Failed, err, "make the directory of cluster %q", c.Name)
	}
	return nil
}

// LockFile is locked by who changes the cluster. It lies beside the directory, which can go while others wait.
func (c Cluster) LockFile() string { return c.Dir + ".lock" }

// SupervisorLockFile is locked by the cluster's supervisor while it lives.
func (c Cluster) SupervisorLockFile() string { return c.Path("supervisor.lock") }

// Load reads the spec. The error is fs.ErrNotExist when the cluster was never made.
func (c Cluster) Load() (Spec, error) {
	var s Spec
	b, err := os.ReadFile(c.Path("cluster.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return s, fault.Wrap(fault.Absent, fs.ErrNotExist, "there is no cluster %q", c.Name)
	}
	if err != nil {
		return s, fault.Wrap(fault.Failed, err, "read cluster %q", c.Name)
	}
	if err := json.Unmarshal(b, &s); err != nil {
		return s, fault.Wrap(fault.Failed, err, "read %s", c.Path("cluster.json"))
	}
	return s, nil
}

// Save writes the spec, whole or not at all.
func (c Cluster) Save(s Spec) error {
	b, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return fault.Wrap(fault.Failed, err, "encode cluster %q", c.Name)
	}
	return WriteFile(c.Path("cluster.json"), append(b, '\n'))
}

// WriteFile writes a file of mode 0600, whole or not at all: who reads it never sees half of it.
func WriteFile(path string, content []byte) error {
	temporary := fmt.Sprintf("%s.%d", path, os.Getpid())
	if err := os.WriteFile(temporary, content, 0o600); err != nil {
		return fault.Wrap(fault.Failed, err, "write %s", path)
	}
	if err := os.Rename(temporary, path); err != nil {
		return fault.Wrap(fault.Failed, err, "write %s", path)
	}
	return nil
}
