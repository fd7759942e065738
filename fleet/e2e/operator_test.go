// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/probe"
	"nationtech.io/harmony/internal/needs"
	"nationtech.io/harmony/wait"
)

// simulated is a device of the shared stack that is no Pod.
const simulated = "e2e-simulated"

// enrolled makes the Device of a site, until the test ends.
func (s *stack) enrolled(t *testing.T, name, site string) contract.DeviceID {
	t.Helper()
	s.apply(t, fmt.Sprintf(`{"apiVersion":"fleet.nationtech.io/v1alpha1","kind":"Device","metadata":{"name":%q,"labels":{"site":%q}},"spec":{"fleet":%q}}`, name, site, s.fleet.NATS.Namespace))
	t.Cleanup(func() {
		needs.Kubectl(scope{t, context.WithoutCancel(t.Context())}, "delete", "fleetdev", name, "--ignore-not-found")
	})
	return id(t, name)
}

// online enrols a device of the stack at a site, and connects it.
func (s *stack) online(t *testing.T, name, site string) *probe.Device {
	t.Helper()
	device := s.enrolled(t, name, site)
	conn := s.connect(t, device)
	d := probe.New(conn, device)
	if err := d.Listen(); err != nil {
		t.Fatal(err)
	}
	running, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	t.Cleanup(func() { stop(); conn.Close() })
	go d.Run(running)
	return d
}

// apply does what a person does with a file.
func (s *stack) apply(t *testing.T, text string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "object.json")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s.kubectl(t, "apply", "--filename", file)
}

func (s *stack) deployment(t *testing.T, name, selector, image string) {
	t.Helper()
	s.apply(t, fmt.Sprintf(`{"apiVersion":"fleet.nationtech.io/v1alpha1","kind":"Deployment","metadata":{"name":%q},"spec":{
		"targetSelector":{"matchLabels":{%s}},"score":{"type":"PodmanV0","data":{"services":[{"name":"web","image":%q}]}}}}`, name, selector, image))
}

func (s *stack) field(t *testing.T, kind, name, path string) string {
	t.Helper()
	return strings.TrimSpace(s.kubectl(t, "get", kind, name, "--output", "jsonpath={"+path+"}"))
}

// until waits until a field of an object is as it must be.
func (s *stack) until(t *testing.T, kind, name, path, want string) {
	t.Helper()
	err := wait.Until(t.Context(), kind+" "+name+" "+path+" to be "+want, wait.Pace{Limit: time.Minute}, func(context.Context) (string, bool, error) {
		got := s.field(t, kind, name, path)
		return got, got == want, nil
	})
	if err != nil {
		t.Fatalf("%v\n%s", err, s.kubectl(t, "get", kind, name, "--output", "yaml"))
	}
}

func TestADeploymentReachesItsDevicesAndLeavesThem(t *testing.T) {
	inEitherMode(t, reachesAndLeaves)
}

func reachesAndLeaves(t *testing.T, s *stack) {
	d := s.online(t, simulated, "north")
	const counts = ".status.devices.matched}{.status.devices.updated}{.status.devices.ready}{.status.devices.failed}{.status.devices.offline"

	s.deployment(t, "web", `"site":"north"`, "registry.invalid/web:1")
	s.kubectl(t, "wait", "--for=condition=Ready", "fleetdep/web", "--timeout=60s")
	s.until(t, "fleetdep", "web", counts, "11100")
	if got := d.Content(); !strings.Contains(got, "registry.invalid/web:1") {
		t.Errorf("the device runs %s", got)
	}
	if table := s.kubectl(t, "get", "fleetdep", "web"); !strings.Contains(table, "MATCHED") || !strings.Contains(table, "OFFLINE") {
		t.Errorf("people see\n%s", table)
	}

	d.Fail("image-missing")
	s.until(t, "fleetdep", "web", ".status.lastError.code} {.status.lastError.device", "image-missing "+simulated)
	s.kubectl(t, "wait", "--for=condition=Degraded", "fleetdep/web", "--timeout=60s")
	d.Fail("")
	s.until(t, "fleetdep", "web", counts, "11100")

	s.deployment(t, "web", `"site":"north"`, "registry.invalid/web:2")
	s.until(t, "fleetdep", "web", ".status.release.generation}{.status.devices.ready", "21")
	if got := d.Content(); !strings.Contains(got, "registry.invalid/web:2") {
		t.Errorf("the device runs %s", got)
	}

	term := s.field(t, "fleetstate", "fleet", ".status.term")
	before := d.Order()
	s.kubectl(t, "delete", "pod", "--selector=app.kubernetes.io/name=harmony-fleet-operator")
	s.kubectl(t, "wait", "--for=condition=Ready=False", "fleetstate/fleet", "--timeout=60s")
	s.kubectl(t, "wait", "--for=condition=Ready", "fleetstate/fleet", "--timeout=90s")
	if now := s.field(t, "fleetstate", "fleet", ".status.term"); now == term {
		t.Errorf("the new leader has the term %s of the old one", now)
	}
	if now := d.Order(); now.Compare(before) <= 0 || now.Epoch != before.Epoch {
		t.Errorf("the device holds %+v after a restart of the operator, and held %+v before", now, before)
	}
	s.until(t, "fleetdep", "web", counts, "11100")

	s.kubectl(t, "delete", "fleetdep", "web", "--timeout=60s")
	if !d.Removed() || d.Content() != "" {
		t.Error("the Deployment is gone, and the device was not told to remove it")
	}
	if removed := s.field(t, "fleetstate", "fleet", ".status.removed[*].name"); !strings.Contains(removed, "web") {
		t.Errorf("the graveyard has %q", removed)
	}
}

func TestOddDeploymentsAreRefusedOrMatchNothing(t *testing.T) {
	s := up(t)
	s.online(t, simulated, "north")
	for name, selector := range map[string]string{"everything": "", "nowhere": `"site":"south"`} {
		s.deployment(t, name, selector, "registry.invalid/web:1")
		s.until(t, "fleetdep", name, `.status.conditions[?(@.type=="Ready")].reason`, "NothingMatched")
		s.kubectl(t, "delete", "fleetdep", name, "--timeout=60s")
	}
	s.apply(t, `{"apiVersion":"fleet.nationtech.io/v1alpha1","kind":"Deployment","metadata":{"name":"odd"},"spec":{
		"targetSelector":{"matchLabels":{"site":"north"}},"score":{"type":"PodmanV0","data":{"services":[]}}}}`)
	s.until(t, "fleetdep", "odd", `.status.conditions[?(@.type=="Degraded")].reason`, "InvalidScore")
	s.kubectl(t, "delete", "fleetdep", "odd", "--timeout=60s")
}
