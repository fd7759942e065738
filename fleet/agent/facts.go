// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package agent

import (
	"os"
	"runtime"
	"strings"

	"nationtech.io/harmony/fleet/contract"
)

// Facts are what an agent tells of itself and of where it runs.
type Facts struct {
	Version string // of this program
	PodUID  string // of its Pod; empty elsewhere
	Boot    contract.Boot
}

// Gather finds out the facts of this machine. What cannot be found stays empty.
func Gather(version, podUID string) Facts {
	return Facts{version, podUID, contract.Boot{
		ID:     line("/proc/sys/kernel/random/boot_id"),
		Kernel: line("/proc/sys/kernel/osrelease"),
		OS:     runtime.GOOS,
		Arch:   runtime.GOARCH,
	}}
}

func line(file string) string {
	data, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(data))
}
