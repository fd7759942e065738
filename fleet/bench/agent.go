// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"time"

	"nationtech.io/harmony"
	"nationtech.io/harmony/topology/local"
	"nationtech.io/harmony/wait"
)

// settle is how long the agent is left alone before its memory is read.
const settle = 10 * time.Second

const megabyte = 1e6

// agent gives the size of the agent's binary as images carry it, and the resident memory of one that idles in a Pod.
func (b *bench) agent(ctx context.Context) error {
	binary, err := os.Stat("bin/harmony-fleet-agent")
	if err != nil {
		return err
	}
	series{float64(binary.Size()) / megabyte}.print("agent_binary", "MB")
	topology, err := local.Open(ctx, local.Options{Name: b.cluster})
	if err != nil {
		return err
	}
	defer topology.Close()
	if _, err := harmony.Deploy(ctx, harmony.Place(all("bench-agent")).On(topology)); err != nil {
		return err
	}
	if err := wait.Sleep(ctx, settle); err != nil {
		return err
	}
	resident, err := b.resident()
	if err != nil {
		return err
	}
	resident.print("agent_rss", "MB")
	return b.remove(ctx, topology, "bench-agent")
}

var rss = regexp.MustCompile(`(?m)^VmRSS:\s+(\d+) kB$`)

// resident reads the memory of the agents that this machine runs in Pods of this bench.
func (b *bench) resident() (found series, err error) {
	programs, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		return nil, err
	}
	for _, program := range programs {
		// A process may end while the list is read.
		line, err := os.ReadFile(program)
		if err != nil || !bytes.HasPrefix(line, []byte("/harmony-fleet-agent")) {
			continue
		}
		host, err := os.ReadFile(filepath.Join(filepath.Dir(program), "root/etc/hostname"))
		if err != nil || !bytes.Contains(host, []byte(device)) {
			continue
		}
		status, err := os.ReadFile(filepath.Join(filepath.Dir(program), "status"))
		if err != nil {
			continue
		}
		if m := rss.FindSubmatch(status); m != nil {
			kilobytes, err := strconv.ParseFloat(string(m[1]), 64)
			if err != nil {
				return nil, err
			}
			found = append(found, kilobytes*1024/megabyte)
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("no agent of device %s runs on this machine", device)
	}
	return found, nil
}
