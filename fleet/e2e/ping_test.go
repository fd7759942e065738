// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"nationtech.io/harmony"
	"nationtech.io/harmony/diag"
)

func TestPing(t *testing.T) {
	inEitherMode(t, func(t *testing.T, s *stack) {
		agent := result(t, s.report, s.agent().Name())
		if agent.Standing != harmony.Done || !strings.HasPrefix(agent.Summary(), s.fleet.Device.String()+" answered a ping in ") {
			t.Errorf("got %+v", agent)
		}
		nats := result(t, s.report, "nats")
		if !strings.Contains(nats.Summary(), "published 1 message and read it back") || !strings.Contains(nats.Summary(), "streams are as they must be") {
			t.Errorf("got %+v", nats)
		}
	})
}

// silent asks that verify fails because a component's smoke test found nobody, and says which component it is.
func (s *stack) silent(t *testing.T, component string, evidence ...string) {
	t.Helper()
	_, err := harmony.Verify(t.Context(), s.placement())
	var failure *harmony.Failure
	if !errors.As(err, &failure) || !failure.Smoke() {
		t.Fatalf("got %v, want failed smoke tests", err)
	}
	for _, d := range diag.All(err) {
		if d.Code != diag.NobodyAnswered || !slices.Contains(d.Path, component) {
			continue
		}
		for _, want := range append(evidence, "no one answered") {
			if !strings.Contains(d.Error()+text(t, d), want) {
				t.Errorf("%q is not said:\n%s", want, text(t, d))
			}
		}
		return
	}
	t.Errorf("no Diagnostic says that no one answered for %s: %v", component, err)
}

func text(t *testing.T, d *diag.Diagnostic) string {
	t.Helper()
	var b strings.Builder
	if err := (diag.Style{}).Write(&b, d); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestVerifyNamesAnAgentThatIsScaledToZero(t *testing.T) {
	s := up(t)
	s.kubectl(t, "scale", "deployment/agent-e2e-1", "--replicas=0")
	s.kubectl(t, "wait", "--for=delete", "pod", "--selector=app.kubernetes.io/instance=agent-e2e-1", "--timeout=60s")
	s.silent(t, "agent-e2e-1", "there is no Pod of agent-e2e-1", "device offline")
	s.mend(t)
}

func TestVerifyNamesAnAgentWhoseProcessIsStopped(t *testing.T) {
	s := up(t)
	pid := agentProcess(t, strings.TrimSpace(s.kubectl(t, "get", "pods", "--selector=app.kubernetes.io/instance=agent-e2e-1", "--output=jsonpath={.items[0].metadata.name}")))
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = syscall.Kill(pid, syscall.SIGCONT) }() // its Pod may have been restarted by then
	s.silent(t, "agent-e2e-1", "someone listens on", "no answer came")
	// On a machine that is slow its liveness probe has had it started again by now.
	if err := syscall.Kill(pid, syscall.SIGCONT); err != nil && !errors.Is(err, syscall.ESRCH) {
		t.Fatal(err)
	}
	if _, err := harmony.Verify(t.Context(), s.placement()); err != nil {
		t.Errorf("the agent goes on, and yet: %v", err)
	}
}

// agentProcess finds the agent of a Pod among this machine's processes: the nodes of the local cluster are on it.
func agentProcess(t *testing.T, pod string) int {
	t.Helper()
	programs, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, program := range programs {
		// A process may end while the list is read.
		line, _ := os.ReadFile(program)
		host, _ := os.ReadFile(filepath.Join(filepath.Dir(program), "root/etc/hostname"))
		if strings.HasPrefix(string(line), "/harmony-fleet-agent") && strings.TrimSpace(string(host)) == pod {
			return number(t, filepath.Base(filepath.Dir(program)))
		}
	}
	t.Fatalf("no agent of %s runs on this machine", pod)
	return 0
}

func TestVerifyNamesANATSWhoseServiceIsDeleted(t *testing.T) {
	s := up(t)
	s.kubectl(t, "delete", "service", "nats")
	s.silent(t, "nats", "Service to connect to does not exist")
	s.mend(t)
}

func TestAnAgentThatNATSDoesNotKnowIsToldSo(t *testing.T) {
	s := up(t)
	stranger := *s
	stranger.fleet.Device = id(t, "e2e-stranger")
	placement := harmony.Place(stranger.agent()).On(s.topology)
	t.Cleanup(func() {
		if _, err := (harmony.Run{Purge: true}).Remove(context.WithoutCancel(t.Context()), placement); err != nil {
			t.Error(err)
		}
	})
	_, err := harmony.Run{Limit: 15 * time.Second}.Deploy(t.Context(), placement)
	found := diag.All(err)
	if len(found) != 1 || found[0].Code != diag.DeviceUnknown || !strings.Contains(text(t, found[0]), "NATS refuses the device's user") {
		t.Errorf("got %v", err)
	}
}

func TestANewDeviceLogsInWithoutARestartOfNATS(t *testing.T) {
	s := up(t)
	uid := func() string {
		return s.kubectl(t, "get", "pod", "nats-0", "--output=jsonpath={.metadata.uid} {.status.containerStatuses[0].restartCount}")
	}
	before := uid()
	second := *s
	second.fleet.NATS.Devices = append(second.fleet.NATS.Devices, s.fleet.Device)
	second.fleet.Device = id(t, "e2e-2")
	t.Cleanup(func() {
		if _, err := (harmony.Run{Purge: true}).Remove(context.WithoutCancel(t.Context()), harmony.Place(second.agent()).On(s.topology)); err != nil {
			t.Error(err)
		}
		want := harmony.Change{Action: harmony.Deleted, Object: "user device-e2e-2", Detail: "it may no longer log in"}
		if changes := result(t, s.mend(t), "nats").Changes; !slices.Contains(changes, want) {
			t.Errorf("nobody is told that a device is locked out: %v", changes)
		}
	})
	second.mend(t)
	if after := uid(); after != before {
		t.Errorf("NATS was restarted: %s → %s", before, after)
	}
}
