// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package cgroup gives a cluster a cgroup of its own in every hierarchy of the
// machine, be it cgroup v1, hybrid or v2, and takes it away again.
package cgroup

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"nationtech.io/harmony/localkube/internal/fault"
	"nationtech.io/harmony/localkube/internal/wait"
)

// Mount is where the hierarchies are mounted.
const Mount = "/sys/fs/cgroup"

// system is the child that holds the node's own processes; each node's Pods have a sibling of it.
const system = "system"

const superMagicV2 = 0x63677270

// Tree is the cgroup of one cluster, in every hierarchy of a machine.
type Tree struct {
	name        string
	hierarchies []string // their roots
	unified     bool
}

// Open finds the hierarchies below mount and gives the tree of that name, which need not exist.
func Open(mount, name string) (Tree, error) {
	var st syscall.Statfs_t
	if err := syscall.Statfs(mount, &st); err != nil {
		return Tree{}, fault.Wrap(fault.Prerequisite, err, "look at %s", mount)
	}
	if st.Type == superMagicV2 {
		return Tree{name: name, hierarchies: []string{mount}, unified: true}, nil
	}
	entries, err := os.ReadDir(mount)
	if err != nil {
		return Tree{}, fault.Wrap(fault.Prerequisite, err, "look at %s", mount)
	}
	t := Tree{name: name}
	for _, e := range entries {
		// Names that are links ("cpu" for "cpu,cpuacct") lead to hierarchies that are listed anyway.
		if root := filepath.Join(mount, e.Name()); e.IsDir() && exists(filepath.Join(root, "cgroup.procs")) {
			t.hierarchies = append(t.hierarchies, root)
		}
	}
	return t, nil
}

// Missing gives the controllers that the kubelet wants and the machine lacks.
func Missing() []string {
	// With v2 alone, /proc/cgroups need not list what there is.
	if content, err := os.ReadFile(filepath.Join(Mount, "cgroup.controllers")); err == nil {
		return missing(unifiedControllers(string(content)))
	}
	content, err := os.ReadFile("/proc/cgroups")
	if err != nil {
		return nil
	}
	return missing(legacyControllers(string(content)))
}

// unifiedControllers reads cgroup.controllers.
func unifiedControllers(content string) map[string]bool {
	enabled := map[string]bool{}
	for _, c := range strings.Fields(content) {
		enabled[c] = true
	}
	return enabled
}

// legacyControllers reads /proc/cgroups: name, hierarchy, number of cgroups, enabled.
func legacyControllers(content string) map[string]bool {
	enabled := map[string]bool{}
	for line := range strings.Lines(content) {
		if f := strings.Fields(line); len(f) == 4 && f[3] == "1" {
			enabled[f[0]] = true
		}
	}
	return enabled
}

func missing(enabled map[string]bool) []string {
	var absent []string
	for _, c := range []string{"cpu", "cpuset", "memory", "pids"} {
		if !enabled[c] {
			absent = append(absent, c)
		}
	}
	return absent
}

// Make makes the tree with a child for the system and one for the Pods of each node.
func (t Tree) Make(nodes []string) error {
	for _, root := range t.hierarchies {
		if t.unified {
			if err := delegate(root); err != nil {
				return err
			}
		}
		for _, child := range append([]string{"", system}, nodes...) {
			dir := filepath.Join(root, t.name, child)
			if err := os.MkdirAll(dir, 0o755); err != nil {
				return fault.Wrap(fault.Failed, err, "make cgroup %s", dir)
			}
			if err := inheritCPUs(dir); err != nil {
				return err
			}
			// The system's child holds processes: on v2 such a cgroup gives nothing on.
			if t.unified && child != system {
				if err := delegate(dir); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// inheritCPUs copies the CPUs and memory nodes of the parent: on v1 a new cpuset
// has none, and no process may enter it.
func inheritCPUs(dir string) error {
	for _, file := range []string{"cpuset.cpus", "cpuset.mems"} {
		if exists(filepath.Join(dir, "cgroup.controllers")) || !exists(filepath.Join(dir, file)) {
			continue
		}
		content, err := os.ReadFile(filepath.Join(filepath.Dir(dir), file))
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, file), content, 0o644)
		}
		if err != nil {
			return fault.Wrap(fault.Failed, err, "give cgroup %s its CPUs", dir)
		}
	}
	return nil
}

// delegate gives a v2 cgroup's controllers on to its children.
func delegate(dir string) error {
	content, err := os.ReadFile(filepath.Join(dir, "cgroup.controllers"))
	if err != nil {
		return fault.Wrap(fault.Failed, err, "read the controllers of %s", dir)
	}
	for _, c := range strings.Fields(string(content)) {
		// One that cannot be given on (cpu with realtime processes, say) is missed later by name, if at all.
		_ = os.WriteFile(filepath.Join(dir, "cgroup.subtree_control"), []byte("+"+c), 0o644)
	}
	return nil
}

// Enter puts a process, and what it will start, into the system's child.
func (t Tree) Enter(pid int) error {
	for _, root := range t.hierarchies {
		file := filepath.Join(root, t.name, system, "cgroup.procs")
		if err := os.WriteFile(file, []byte(strconv.Itoa(pid)), 0o644); err != nil {
			return fault.Wrap(fault.Failed, err, "put process %d into %s", pid, filepath.Dir(file))
		}
	}
	return nil
}

// Remove kills what still runs in the tree and removes it. It waits for the
// kernel to let go, at most until ctx ends. That there is none is no error.
func (t Tree) Remove(ctx context.Context) error {
	return wait.Until(ctx, "the cgroups of "+t.name+" to become empty", 20*time.Millisecond, func(context.Context) (bool, string, error) {
		left := ""
		for _, root := range t.hierarchies {
			if err := removeTree(filepath.Join(root, t.name)); err != nil {
				left = err.Error()
			}
		}
		return left == "", left, nil
	})
}

func removeTree(dir string) error {
	var dirs []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			dirs = append(dirs, path)
		}
		// Others may be removing the same: what has gone is no error.
		return nil
	})
	if err != nil {
		return fault.Wrap(fault.Failed, err, "walk %s", dir)
	}
	for i := len(dirs) - 1; i >= 0; i-- {
		if err := kill(dirs[i]); err != nil {
			return err
		}
		if err := syscall.Rmdir(dirs[i]); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fault.Wrap(fault.Failed, err, "remove %s", dirs[i])
		}
	}
	return nil
}

func kill(dir string) error {
	content, err := os.ReadFile(filepath.Join(dir, "cgroup.procs"))
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENODEV) {
		return nil
	}
	if err != nil {
		return fault.Wrap(fault.Failed, err, "read the processes of %s", dir)
	}
	for _, field := range strings.Fields(string(content)) {
		// 0 stands for a process of another PID namespace, which cannot be named from here.
		if pid, err := strconv.Atoi(field); err == nil && pid > 1 {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	}
	return nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
