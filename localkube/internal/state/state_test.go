// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package state

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nationtech.io/harmony/localkube/internal/wait"
)

func TestCheckName(t *testing.T) {
	for name, ok := range map[string]bool{
		"harmony": true, "a": true, "a-1": true, strings.Repeat("a", 40): true,
		"": false, "A": false, "a_b": false, "-a": false, "a-": false, "a.b": false, "..": false, "a/b": false, "a\nb": false,
		strings.Repeat("a", 41): false,
	} {
		if err := CheckName(name); (err == nil) != ok {
			t.Errorf("CheckName(%q) = %v, want ok %t", name, err, ok)
		}
	}
}

func TestSpecIsReadAsItWasWritten(t *testing.T) {
	c := Root(t.TempDir()).Cluster("one")
	if _, err := c.Load(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Load of none: %v, want fs.ErrNotExist", err)
	}
	if err := c.Make(); err != nil {
		t.Fatal(err)
	}
	want := Spec{Name: "one", Index: 3, Nodes: []string{"one", "one-2"}, Fsync: true, Created: time.Unix(1, 0).UTC()}
	if err := c.Save(want); err != nil {
		t.Fatal(err)
	}
	got, err := c.Load()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	info, err := os.Stat(c.Dir)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("directory: %v %v, want mode 700", info.Mode(), err)
	}
}

func TestClustersListsDirectoriesOfClustersOnly(t *testing.T) {
	root := Root(t.TempDir())
	if none, err := Root(filepath.Join(string(root), "absent")).Clusters(); err != nil || len(none) != 0 {
		t.Errorf("no root: %v %v", none, err)
	}
	for _, dir := range []string{"b", "a", ".probe-1"} {
		if err := os.Mkdir(filepath.Join(string(root), dir), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(string(root), "a.lock"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	clusters, err := root.Clusters()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, c := range clusters {
		names = append(names, c.Name)
	}
	if diff := cmp.Diff([]string{"a", "b"}, names); diff != "" {
		t.Error(diff)
	}
}

func TestLockIsHeldUntilItIsGivenBack(t *testing.T) {
	file := filepath.Join(t.TempDir(), "lock")
	held, err := TryLock(file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := TryLock(file); !errors.Is(err, ErrLocked) {
		t.Errorf("second TryLock: %v, want ErrLocked", err)
	}
	if _, err := ShareLock(file); !errors.Is(err, ErrLocked) {
		t.Errorf("ShareLock: %v, want ErrLocked", err)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	waited := 0
	if _, err := WaitLock(cancelled, file, func() { waited++ }); !isTimeout(err) || waited != 1 {
		t.Errorf("WaitLock that is cancelled: %v, told %d times", err, waited)
	}
	held.Unlock()
	again, err := WaitLock(t.Context(), file, func() { t.Error("waited for a free lock") })
	if err != nil {
		t.Fatal(err)
	}
	again.Unlock()
}

func isTimeout(err error) bool {
	_, ok := errors.AsType[*wait.TimeoutError](err)
	return ok
}
