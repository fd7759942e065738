// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package agent

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"nationtech.io/harmony/fleet/agent/config"
	"nationtech.io/harmony/fleet/contract"
)

// Facts are what an agent tells of itself and of where it runs.
type Facts struct {
	Version string // of this program
	PodUID  string // of its Pod; empty elsewhere
	Boot    contract.Boot
	// Machine tells machines apart: a hash of the machine's id, which itself is nobody's business. Empty when there is none.
	Machine     string
	Hostname    string
	CPUs        int
	MemoryBytes int64
	Started     time.Time
}

// Gather finds out the facts of this machine. What cannot be found stays empty.
func Gather(version, podUID string) Facts {
	f := Facts{
		Version: version, PodUID: podUID, CPUs: runtime.NumCPU(), MemoryBytes: memory(), Started: time.Now(),
		Boot: contract.Boot{ID: line("/proc/sys/kernel/random/boot_id"), Kernel: line("/proc/sys/kernel/osrelease"), OS: runtime.GOOS, Arch: runtime.GOARCH},
	}
	f.Hostname, _ = os.Hostname()
	if id := line("/etc/machine-id"); id != "" {
		sum := sha256.Sum256([]byte("harmony-fleet " + id))
		f.Machine = hex.EncodeToString(sum[:16])
	}
	return f
}

func memory() int64 {
	_, after, _ := strings.Cut(line("/proc/meminfo"), "MemTotal:")
	fields := strings.Fields(after)
	if len(fields) == 0 {
		return 0
	}
	kilobytes, err := strconv.ParseInt(fields[0], 10, 64)
	if err != nil {
		return 0
	}
	return kilobytes << 10
}

// disks tells how full the file systems are that workloads and state stand on.
func disks(r config.Runtime) (all []contract.Disk) {
	for _, path := range []string{"/", r.StateDir} {
		var is syscall.Statfs_t
		if syscall.Statfs(path, &is) != nil || is.Blocks == 0 {
			continue
		}
		used := int((is.Blocks - is.Bavail) * 100 / is.Blocks)
		disk := contract.Disk{Path: path, Bytes: int64(is.Blocks) * is.Bsize, UsedPercent: used / 5 * 5}
		if len(all) == 0 || all[0].Bytes != disk.Bytes {
			all = append(all, disk)
		}
	}
	return all
}

func line(file string) string {
	data, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(data))
}
