// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"context"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/messaging"
	"nationtech.io/harmony/fleet/command"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/wait"
)

// devicePort is where devices outside of the cluster connect, among the ports that a cluster has for that by default.
const devicePort = 30422

// A podman is what the workloads of a machine run in, and the programs that exec may run there.
type podman struct {
	socket string
	exec   []string
}

// A machine is the agent as a process of this machine, which is no part of the cluster.
type machine struct {
	path, config string
	process      *exec.Cmd
}

// machine sets an agent up and runs it until the test ends. Without a podman it runs no workloads.
func (s *stack) machine(t *testing.T, device contract.DeviceID, in *podman) *machine {
	t.Helper()
	m := &machine{path: s.program(t, "harmony-fleet-agent"), config: s.configure(t, device, in)}
	m.start(t)
	t.Cleanup(func() {
		_ = m.process.Process.Signal(syscall.SIGTERM)
		if err := m.process.Wait(); err != nil {
			t.Errorf("the agent does not end well: %v", err)
		}
	})
	return m
}

// program builds one of ours.
func (*stack) program(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", path, "nationtech.io/harmony/cmd/"+name).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return path
}

func (m *machine) start(t *testing.T) {
	t.Helper()
	m.process = exec.Command(m.path, "--config", m.config)
	m.process.Stdout, m.process.Stderr = t.Output(), t.Output()
	if err := m.process.Start(); err != nil {
		t.Fatal(err)
	}
}

// kill ends the agent without a word, as a loss of power does.
func (m *machine) kill(t *testing.T) {
	t.Helper()
	if err := m.process.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = m.process.Wait() // it was killed
}

func TestADeviceOutsideOfTheClusterReachesTheFleet(t *testing.T) {
	device := id(t, "outside-1")
	s := up(t).admitting(t, device.String())
	s.machine(t, device, nil)
	conn, err := messaging.Connect(t.Context(), s.topology.Kubernetes(), s.nats().Login("verifier"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	client := command.Client{Conn: conn, Caller: "e2e"}
	err = wait.Until(t.Context(), "an answer of the device", wait.Pace{Limit: time.Minute}, func(ctx context.Context) (string, bool, error) {
		reply, err := client.Ping(ctx, device, "once")
		if err != nil {
			return err.Error(), false, nil
		}
		return "", reply.PodUID == "", nil
	})
	if err != nil {
		t.Error(err)
	}
	report, err := harmony.Plan(t.Context(), up(t).placement())
	if err != nil {
		t.Fatal(err)
	}
	shut := func(p harmony.Planned) bool { return p.Intent == harmony.Delete && p.Object == "Service/nats-outside" }
	if !slices.ContainsFunc(result(t, report, "nats").Planned, shut) {
		t.Errorf("a fleet that wants nobody from outside does not shut the port: %+v", result(t, report, "nats").Planned)
	}
}
