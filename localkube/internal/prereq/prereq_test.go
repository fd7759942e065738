// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package prereq

import (
	"errors"
	"os"
	"testing"

	"nationtech.io/harmony/localkube/internal/fault"
)

func TestAvailableMemoryCountsFreeSwap(t *testing.T) {
	const meminfo = "MemTotal:  8000 kB\nMemFree:  100 kB\nMemAvailable:  3000 kB\nSwapFree:  1000 kB\n"
	if got, ok := availableMemory(meminfo); !ok || got != 4000<<10 {
		t.Errorf("got %d %t, want %d", got, ok, 4000<<10)
	}
	if _, ok := availableMemory("MemTotal: 1 kB\n"); ok {
		t.Error("told without MemAvailable")
	}
}

func TestFreeDiskLooksAtTheNearestParent(t *testing.T) {
	if free, ok := freeDisk(t.TempDir() + "/not/there/yet"); !ok || free == 0 {
		t.Errorf("got %d %t", free, ok)
	}
}

func TestAllThatIsMissingIsToldAtOnce(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	file := t.TempDir() + "/file"
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	err := Check(t.Context(), Needs{State: file + "/state", Build: true, CGO: true})
	f, ok := errors.AsType[*fault.Error](err)
	if !ok || f.Kind != fault.Prerequisite || f.ExitCode() != 3 {
		t.Fatalf("got %#v", err)
	}
	told := map[string]bool{}
	for _, m := range f.Missing {
		told[m.What] = true
		if m.Why == "" || m.Help == "" {
			t.Errorf("%+v does not say why or what helps", m)
		}
	}
	want := []string{"go", "gcc", "pkg-config", "a directory for the state"}
	if os.Geteuid() != 0 {
		want[3] = "root"
	}
	for _, what := range want {
		if !told[what] {
			t.Errorf("%s is not told: %+v", what, f.Missing)
		}
	}
}
