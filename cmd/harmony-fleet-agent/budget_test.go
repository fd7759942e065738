// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"nationtech.io/harmony/fleet/agent/natstest"
	"nationtech.io/harmony/fleet/command"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/wait"
)

const maxResident = 20 << 20

var press, _ = contract.ParseDeviceID("press-07")

// The agent runs on devices that have little, beside the workloads that they are for. The size of its program, and
// what that links, are rules of internal/house.
func TestTheAgentIsContentWithLittleMemory(t *testing.T) {
	s := natstest.Start(t, map[contract.DeviceID]string{press: "p"})
	fleet := s.Fleet()
	content(t, residentOnce(t, built(t), s, "", func() {
		err := wait.Until(t.Context(), "an answer to a ping", wait.Pace{Limit: 20 * time.Second}, func(ctx context.Context) (string, bool, error) {
			_, err := command.Client{Conn: fleet, Caller: "test"}.Ping(ctx, press, "n-1")
			return fmt.Sprint(err), err == nil, nil
		})
		if err != nil {
			t.Error(err)
		}
	}))
}

func content(t *testing.T, resident int) {
	t.Helper()
	t.Logf("resident: %.1f MB", float64(resident)/1e6)
	if resident > maxResident {
		t.Errorf("%d bytes are resident, %d are allowed", resident, maxResident)
	}
}

// built is the program as it is on devices.
func built(t *testing.T) (binary string) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("resident memory is read from /proc: needs Linux")
	}
	binary = filepath.Join(t.TempDir(), "harmony-fleet-agent")
	build := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", binary, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return binary
}

// residentOnce starts an agent, and gives its resident memory in bytes when ready has returned. more is further configuration.
func residentOnce(t *testing.T, binary string, s *natstest.Server, more string, ready func()) int {
	t.Helper()
	file := filepath.Join(t.TempDir(), "agent.toml")
	text := fmt.Sprintf("device = %q\n%s[nats]\nurls = [%q]\n[credentials]\ntype = \"user-pass\"\nuser = %q\npassword = \"p\"\n[health]\nlisten = \"127.0.0.1:0\"\n", press, more, s.URL(), press)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	agent := exec.CommandContext(t.Context(), binary, "--config", file)
	if err := agent.Start(); err != nil {
		t.Fatal(err)
	}
	ready()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", agent.Process.Pid))
	if err != nil {
		t.Error(err)
	}
	if err := agent.Process.Signal(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
	if err := agent.Wait(); err != nil {
		t.Error(err)
	}
	_, after, _ := strings.Cut(string(status), "VmRSS:")
	kilobytes, err := strconv.Atoi(strings.Fields(after + " none")[0])
	if err != nil {
		t.Fatal(err)
	}
	return kilobytes << 10
}
