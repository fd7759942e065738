// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"cmp"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"strconv"
	"strings"
)

// A holder is a run that has a lease.
type holder struct {
	name    string // for people, and no other run has it: root@laptop, process 4711, run K3PS
	process string // boot/namespace/pid/start: tells, on the same machine, whether the process is there; empty: nobody can tell
}

// runLetters is how much of a random text tells runs of one process apart.
const runLetters = 6

// thisRun is a new run of this process.
func thisRun() holder {
	host, _ := os.Hostname()
	name := "somebody"
	if who, err := user.Current(); err == nil {
		name = who.Username
	}
	return holder{
		name:    fmt.Sprintf("%s@%s, process %d, run %s", name, cmp.Or(host, "unknown"), os.Getpid(), rand.Text()[:runLetters]),
		process: processOf(os.Getpid()),
	}
}

// gone tells that the process of the holder ran on this machine and does so no more; here, that it ran on this machine.
func (h holder) gone() (gone, here bool) {
	parts := strings.Split(h.process, "/")
	own := strings.Split(processOf(os.Getpid()), "/")
	if len(parts) != len(own) || len(parts) < 4 || parts[0] != own[0] || parts[1] != own[1] {
		return false, false
	}
	pid, err := strconv.Atoi(parts[2])
	if err != nil {
		return false, false
	}
	if _, err := os.Stat(fmt.Sprintf("/proc/%d", pid)); errors.Is(err, fs.ErrNotExist) {
		return true, true
	}
	now := processOf(pid)
	return now != "" && now != h.process, true // another has its number
}

// processOf identifies a process of this machine for as long as the machine is up; empty where /proc does not tell.
func processOf(pid int) string {
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	space, err := os.Readlink("/proc/self/ns/pid")
	if err != nil {
		return ""
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return ""
	}
	// proc(5): the second field is a name in brackets, which may have anything in it; the start is the 22nd.
	const start = 22 - 3
	_, rest, _ := strings.Cut(string(stat[strings.LastIndexByte(string(stat), ')'):]), " ")
	fields := strings.Fields(rest)
	if len(fields) <= start {
		return ""
	}
	return strings.Join([]string{strings.TrimSpace(string(boot)), space, strconv.Itoa(pid), fields[start]}, "/")
}
