// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package cgroup

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestMissingControllers(t *testing.T) {
	const legacy = "#subsys_name\thierarchy\tnum_cgroups\tenabled\ncpuset\t3\t1\t1\ncpu\t1\t1\t1\nmemory\t4\t7\t0\npids\t8\t1\t1\n"
	for _, test := range []struct {
		name    string
		enabled map[string]bool
		want    []string
	}{
		{"v1 with memory disabled", legacyControllers(legacy), []string{"memory"}},
		{"v2 with all", unifiedControllers("cpuset cpu io memory hugetlb pids\n"), nil},
		{"v2 with some", unifiedControllers("io memory\n"), []string{"cpu", "cpuset", "pids"}},
	} {
		if got := missing(test.enabled); !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

// TestTree makes, enters and removes real cgroups: in the hierarchies of this
// machine and, on a hybrid one, in its v2 hierarchy alone.
func TestTree(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs: root, to make cgroups")
	}
	mounts := []string{Mount}
	if exists(filepath.Join(Mount, "unified", "cgroup.procs")) {
		mounts = append(mounts, filepath.Join(Mount, "unified"))
	}
	for _, mount := range mounts {
		t.Run(mount, func(t *testing.T) {
			tree, err := Open(mount, "lk99-lke2e-unit")
			if err != nil {
				t.Fatal(err)
			}
			if mount != Mount && !tree.unified {
				t.Errorf("%s is not seen as v2", mount)
			}
			t.Cleanup(func() { _ = tree.Remove(t.Context()) })
			for range 2 { // the second time everything is there
				if err := tree.Make([]string{"one"}); err != nil {
					t.Fatal(err)
				}
			}
			sleeper := exec.Command("sleep", "1000")
			if err := sleeper.Start(); err != nil {
				t.Fatal(err)
			}
			if err := tree.Enter(sleeper.Process.Pid); err != nil {
				t.Fatal(err)
			}
			ended := make(chan error, 1)
			go func() { ended <- sleeper.Wait() }()
			if err := tree.Remove(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := <-ended; err == nil || !strings.Contains(err.Error(), "killed") {
				t.Errorf("the process in it ended by %v, want killed", err)
			}
			for _, root := range tree.hierarchies {
				if exists(filepath.Join(root, tree.name)) {
					t.Errorf("left: %s", filepath.Join(root, tree.name))
				}
			}
		})
	}
}
