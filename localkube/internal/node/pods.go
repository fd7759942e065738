// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package node

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"nationtech.io/harmony/localkube/internal/wait"
)

// podLimit is how long processes in Pods may take to end when the node stops.
const podLimit = 3 * time.Second

// endPods asks every process in a Pod to end and waits for them, but not long:
// what is left ends with the node.
func endPods(ctx context.Context) {
	for _, pid := range podProcesses() {
		_ = syscall.Kill(pid, syscall.SIGTERM)
	}
	ctx, cancel := context.WithTimeout(ctx, podLimit)
	defer cancel()
	_ = wait.Until(ctx, "the processes of Pods to end", 20*time.Millisecond, func(context.Context) (bool, string, error) {
		left := len(podProcesses())
		return left == 0, fmt.Sprintf("%d processes", left), nil
	})
}

// podProcesses gives the processes that the kubelet put into a cgroup of Pods.
func podProcesses() []int {
	files, _ := filepath.Glob("/proc/[0-9]*/cgroup") // the pattern is valid
	var pids []int
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil || !bytes.Contains(content, []byte("/kubepods/")) {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file))); err == nil && !zombie(pid) {
			pids = append(pids, pid)
		}
	}
	return pids
}

func zombie(pid int) bool {
	_, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid))
	return errors.Is(err, os.ErrNotExist)
}
