// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package prereq

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"nationtech.io/harmony/localkube/internal/fault"
)

// What was measured, with some room: a cluster uses 0.7 GB of memory, linking the
// engine 3.9 GB, and a build leaves 5.3 GB in the cache of the go command.
const (
	runMemory   = 1 << 30
	buildMemory = 4 << 30
	runDisk     = 2 << 30
	buildDisk   = 8 << 30
)

// room looks for disk space and memory.
func room(ctx context.Context, n Needs) []fault.Missing {
	var missing []fault.Missing
	disk := func(dir string, want uint64, why string) {
		if free, ok := freeDisk(dir); ok && free < want {
			missing = append(missing, fault.Missing{
				What: "disk space", Why: fmt.Sprintf("%s: %s has %s free and needs %s", why, dir, size(free), size(want)), Help: "free some",
			})
		}
	}
	disk(n.State, runDisk, "images and volumes")
	memory, why := uint64(runMemory), "to run a cluster"
	if n.Build {
		memory, why = buildMemory, "to build and run a cluster"
		if output, err := exec.CommandContext(ctx, "go", "env", "GOCACHE").Output(); err == nil {
			disk(strings.TrimSpace(string(output)), buildDisk, "the first build")
		}
	}
	content, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return missing
	}
	if available, ok := availableMemory(string(content)); ok && available < memory {
		missing = append(missing, fault.Missing{
			What: "memory", Why: fmt.Sprintf("%s: %s available, %s needed", why, size(available), size(memory)), Help: "end other programs, or add swap",
		})
	}
	return missing
}

// freeDisk gives what root may still write at dir, or at its nearest parent that exists.
func freeDisk(dir string) (uint64, bool) {
	for {
		var st syscall.Statfs_t
		if err := syscall.Statfs(dir, &st); err == nil {
			return st.Bavail * uint64(st.Bsize), true
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return 0, false
		}
		dir = parent
	}
}

// availableMemory reads memory and free swap out of /proc/meminfo.
func availableMemory(meminfo string) (uint64, bool) {
	var total uint64
	found := false
	for line := range strings.Lines(meminfo) {
		var kilobytes uint64
		for _, field := range []string{"MemAvailable:", "SwapFree:"} {
			if rest, ok := strings.CutPrefix(line, field); ok {
				if _, err := fmt.Sscan(rest, &kilobytes); err == nil {
					total += kilobytes << 10
					found = found || field == "MemAvailable:"
				}
			}
		}
	}
	return total, found
}

func size(bytes uint64) string { return fmt.Sprintf("%.1f GB", float64(bytes)/(1<<30)) }
