// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/agent/podmantest"
	"nationtech.io/harmony/internal/needs"
)

// A person is someone with a kubeconfig and harmony-fleet.
type person struct{ program, kubeconfig, fleet string }

func (s *stack) person(t *testing.T) person {
	t.Helper()
	return person{s.program(t, "harmony-fleet"), needs.Local(t), s.fleet.NATS.Namespace}
}

// types gives all that a command line says, and its exit code.
func (p person) types(t *testing.T, args ...string) (said string, code int) {
	t.Helper()
	c := exec.CommandContext(t.Context(), p.program, append([]string{"--kubeconfig", p.kubeconfig, "--fleet", p.fleet}, args...)...)
	out, err := c.CombinedOutput()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return string(out), exit.ExitCode()
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(out), 0
}

// sees asks that a command line ends with a code, and says all of some texts.
func (p person) sees(t *testing.T, code int, texts []string, args ...string) {
	t.Helper()
	said, got := p.types(t, args...)
	if got != code {
		t.Errorf("harmony-fleet %q ends with %d, want %d:\n%s", args, got, code, said)
	}
	for _, text := range texts {
		if !strings.Contains(said, text) {
			t.Errorf("harmony-fleet %q does not say %q:\n%s", args, text, said)
		}
	}
}

const peoplesDevice = "e2e-people"

// tended gives a stack with a device that runs a Deployment in podman, and someone who may do everything.
func tended(t *testing.T) (*stack, person) {
	machine := podmantest.Start(t)
	s := up(t).admitting(t, peoplesDevice)
	s.machine(t, id(t, peoplesDevice), &podman{machine.Socket, []string{"/service"}})
	p := s.person(t)
	file := filepath.Join(t.TempDir(), "tended.yaml")
	text := fmt.Sprintf(`
apiVersion: fleet.nationtech.io/v1alpha1
kind: Device
metadata: {name: %s, labels: {site: tended}}
spec: {fleet: %s}
---
apiVersion: fleet.nationtech.io/v1alpha1
kind: Deployment
metadata: {name: tended}
spec:
  targetSelector: {matchLabels: {site: tended}}
  score: {type: PodmanV0, data: {services: [{name: main, image: %q, args: [say=hello, wait]}]}}
`, peoplesDevice, p.fleet, machine.Image)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		still := scope{t, context.WithoutCancel(t.Context())}
		needs.Kubectl(still, "--namespace", p.fleet, "delete", "fleetdep", "tended", "--ignore-not-found", "--timeout=90s")
		needs.Kubectl(still, "delete", "fleetdev", peoplesDevice, "--ignore-not-found")
	})
	p.sees(t, 2, []string{string(diag.BadFlag), "--yes"}, "apply", "--file", file)
	p.sees(t, 0, []string{"+ get it", "1 devices: " + peoplesDevice}, "apply", "--file", file, "--dry-run")
	p.sees(t, 0, []string{"Deployment/tended applied"}, "apply", "--file", file, "--yes")
	p.sees(t, 0, []string{"1 of 1 devices ready"}, "rollout", "status", "tended", "--timeout", "3m")
	p.sees(t, 0, []string{"= see no change"}, "apply", "--file", file, "--dry-run")
	return s, p
}

func TestPeopleLookAfterAFleet(t *testing.T) {
	s, p := tended(t)
	p.sees(t, 0, []string{"NAME", peoplesDevice, "yes", "1/1"}, "devices", "--selector", "site=tended")
	p.sees(t, 0, []string{"site=tended", "KERNEL"}, "devices", "--output", "wide")
	p.sees(t, 0, []string{"tended", "MATCHED"}, "deployments")
	p.sees(t, 0, []string{"wants release 1, has release 1 (Running): Ready"}, "describe", "device", peoplesDevice)
	p.sees(t, 0, []string{"1 of 1 devices ready"}, "describe", "deployment", "tended")
	p.sees(t, 0, []string{"1 asked, 1 answered (p50 "}, "ping", "--selector", "site=tended")
	p.sees(t, 0, []string{"hello"}, "logs", peoplesDevice)
	p.sees(t, 0, []string{"hello", "followed for 3s at a time"}, "logs", peoplesDevice, "--follow", "--limit", "3s")
	p.sees(t, 0, []string{"from within"}, "exec", peoplesDevice, "--", "/service", "say=from within")
	p.sees(t, 1, []string{string(diag.CommandUnanswered), "exit code 3"}, "exec", peoplesDevice, "--", "/service", "exit=3")
	p.sees(t, 1, []string{string(diag.CommandUnanswered), "denied (not-allowed)", "exec_allow"}, "exec", peoplesDevice, "--", "/bin/sh")
	p.sees(t, 0, []string{"main", "running"}, "inspect", peoplesDevice)
	p.sees(t, 0, []string{peoplesDevice + ": restarted"}, "restart", peoplesDevice)
	p.sees(t, 0, []string{peoplesDevice + ": reports anew"}, "resync", peoplesDevice)
	p.sees(t, 0, []string{"1 of 1 devices ready"}, "rollout", "status", "tended", "--timeout", "2m")
	p.sees(t, 0, []string{peoplesDevice}, "__complete", "describe", "device", "e2e-p")
	p.sees(t, 1, []string{string(diag.NotInFleet), "nobody is not enrolled"}, "describe", "device", "nobody")
	p.sees(t, 1, []string{string(diag.NotInFleet)}, "rollout", "status", "nothing")
	p.sees(t, 1, []string{string(diag.QuestionRefused)}, "devices", "--selector", "site in")

	log := s.kubectl(t, "logs", "deployment/harmony-fleet-operator")
	for _, want := range []string{`"msg":"audit"`, `"argv":["/service","exit=3"]`, `"outcome":"1 answered, 0 offline, 0 failed of 1"`} {
		if !strings.Contains(log, want) {
			t.Errorf("the log of the operator has no %s", want)
		}
	}
}

func TestWhoHasNoRightsIsToldWhichAreMissing(t *testing.T) {
	s, p := tended(t)
	s.kubectl(t, "create", "serviceaccount", "visitor")
	visitor := p
	visitor.kubeconfig = s.tokens(t, strings.TrimSpace(s.kubectl(t, "create", "token", "visitor")))
	account := "--serviceaccount=" + p.fleet + ":visitor"

	visitor.sees(t, 3, []string{string(diag.RightMissing), "harmony-fleet-reach"}, "devices")
	s.kubectl(t, "create", "rolebinding", "visitor", "--role=harmony-fleet-reach", account)
	visitor.sees(t, 3, []string{string(diag.RightMissing), "visitor may not list devices.fleet.nationtech.io"}, "devices")
	s.kubectl(t, "create", "clusterrolebinding", "visitor-"+p.fleet, "--clusterrole=harmony-fleet-"+p.fleet+"-viewer", account)
	t.Cleanup(func() {
		needs.Kubectl(scope{t, context.WithoutCancel(t.Context())}, "delete", "clusterrolebinding", "visitor-"+p.fleet)
	})
	visitor.sees(t, 0, []string{peoplesDevice}, "devices")
	visitor.sees(t, 3, []string{string(diag.RightMissing), "create devices/logs.fleet.nationtech.io"}, "logs", peoplesDevice)
	visitor.sees(t, 3, []string{string(diag.RightMissing), "create devices/exec.fleet.nationtech.io"}, "exec", peoplesDevice, "--", "/service")

	wrong := p
	wrong.kubeconfig = s.tokens(t, "no.such.token")
	wrong.sees(t, 3, nil, "devices")
	elsewhere := p
	elsewhere.fleet = "nowhere"
	elsewhere.sees(t, 3, []string{string(diag.FleetMissing)}, "devices")
	if log := s.kubectl(t, "logs", "deployment/harmony-fleet-operator"); !strings.Contains(log, `"outcome":"refused: `) {
		t.Error("the log of the operator does not say that a command was refused")
	}
}

// tokens gives a kubeconfig for the same cluster, of someone who has that token and no certificate.
func (s *stack) tokens(t *testing.T, token string) (path string) {
	t.Helper()
	text, err := os.ReadFile(needs.Local(t))
	if err != nil {
		t.Fatal(err)
	}
	var config map[string]any
	if err := json.Unmarshal(text, &config); err != nil {
		t.Fatal(err)
	}
	users, _ := config["users"].([]any)
	user, _ := users[0].(map[string]any)
	user["user"] = map[string]string{"token": token}
	if text, err = json.Marshal(config); err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "kubeconfig")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
