// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"nationtech.io/harmony"
	"nationtech.io/harmony/internal/needs"
	"nationtech.io/harmony/scoretest"
)

// A program is harmony-fleet-deploy as people run it, on one namespace of the shared cluster.
type program struct {
	path, namespace string
	said            strings.Builder // all that it ever said
}

// deployer runs on a cluster that has the definitions already: they are kept by a removal, and shared by all fleets.
func deployer(t *testing.T) *program {
	t.Helper()
	up(t)
	scoretest.Local(t)
	p := &program{path: filepath.Join(t.TempDir(), "harmony-fleet-deploy"), namespace: scoretest.Namespace(t)}
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", p.path, "nationtech.io/harmony/cmd/harmony-fleet-deploy").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return p
}

// run runs a command line and asks for its exit code.
func (p *program) run(t *testing.T, exit int, args ...string) string {
	t.Helper()
	args = append(args, "--device", "e2e-1", "--topology", "local", "--cluster", needs.Name(), "--namespace", p.namespace)
	cmd := exec.Command(p.path, args...)
	var errs strings.Builder
	cmd.Stderr = &errs
	out, err := cmd.Output()
	got := 0
	if e, ok := errors.AsType[*exec.ExitError](err); ok {
		got = e.ExitCode()
	}
	p.said.Write(out)
	p.said.WriteString(errs.String())
	if got != exit {
		t.Fatalf("%s: exit code %d, want %d\n%s%s", strings.Join(args, " "), got, exit, out, errs.String())
	}
	return string(out)
}

// report is what a command says with --output json.
func (p *program) report(t *testing.T, exit int, args ...string) (r harmony.Report) {
	t.Helper()
	if err := json.Unmarshal([]byte(p.run(t, exit, append(args, "--output", "json")...)), &r); err != nil {
		t.Fatal(err)
	}
	return r
}

// objects are what a plan would do with objects of the cluster, as "create Service/nats".
func objects(r harmony.Report, intents ...harmony.Intent) (all []string) {
	for _, p := range r.Placements {
		for _, o := range p.Planned {
			if slices.Contains(intents, o.Intent) && !strings.HasPrefix(o.Object, "image ") {
				all = append(all, o.Object)
			}
		}
	}
	slices.Sort(all)
	return all
}

func created(r harmony.Report) (all []string) {
	for _, p := range r.Placements {
		for _, c := range p.Changes {
			if c.Action == harmony.Created && !strings.HasPrefix(c.Object, "stream ") {
				all = append(all, c.Object)
			}
		}
	}
	slices.Sort(all)
	return all
}

func TestPlanAndDriftOnNothingOnEverythingAndOnThreeEditsByHand(t *testing.T) {
	p := deployer(t)
	kubectl := func(args ...string) string {
		return needs.Kubectl(t, append([]string{"--namespace", p.namespace}, args...)...)
	}
	t.Cleanup(func() { p.run(t, 0, "remove", "all", "--purge") })

	nothing := p.report(t, 10, "plan", "all")
	if left := kubectl("get", "namespace", p.namespace, "--ignore-not-found", "--output", "name"); left != "" {
		t.Errorf("the plan has made %s", left)
	}
	if diff := cmp.Diff(objects(nothing, harmony.Create), created(p.report(t, 0, "all"))); diff != "" {
		t.Errorf("the deploy did something else: (-planned +done)\n%s", diff)
	}
	if text := p.run(t, 0, "plan"); !strings.Contains(text, "nothing to change") {
		t.Errorf("a plan of everything says\n%s", text)
	}
	if text := p.run(t, 0, "drift"); !strings.Contains(text, "no drift") {
		t.Errorf("nobody changed anything, and drift says\n%s", text)
	}

	kubectl("scale", "deployment", "agent-e2e-1", "--replicas", "0")
	kubectl("delete", "service", "nats")
	kubectl("patch", "configmap", "agent-e2e-1", "--type", "merge", "--patch", `{"data":{"agent.toml":"edited"}}`)
	edited := []string{"ConfigMap/agent-e2e-1", "Deployment/agent-e2e-1", "Service/nats"}
	for _, verb := range []string{"plan", "drift"} {
		if diff := cmp.Diff(edited, objects(p.report(t, 10, verb, "all"), harmony.Repair)); diff != "" {
			t.Errorf("%s: %s", verb, diff)
		}
	}
	for _, want := range []string{
		"~   Service/nats  (it had been deleted)", "spec.replicas: 0 → 1",
		`data[agent.toml]: "edited" → "device = 'e2e-1'`, "written by kubectl-patch", "3 to repair by the next deploy",
	} {
		if text := p.run(t, 10, "drift", "all"); !strings.Contains(text, want) {
			t.Errorf("drift does not say %q:\n%s", want, text)
		}
	}
	p.run(t, 2, "all", "--plan") // nobody can be asked
	p.run(t, 0, "all", "--plan", "--yes")
	p.run(t, 0, "drift", "all")

	refused := p.report(t, 3, "plan", "all", "--storage-size", "2Gi")
	if diff := cmp.Diff([]string{"StatefulSet/nats"}, objects(refused, harmony.Replace)); diff != "" {
		t.Error(diff)
	}
	encoded := kubectl("get", "secret", "nats-user-sys", "--output", "jsonpath={.data.password}")
	password, err := base64.StdEncoding.DecodeString(strings.TrimSpace(encoded))
	if err != nil || len(password) == 0 {
		t.Fatalf("no password to look for: %v", err)
	}
	for _, hidden := range []string{encoded, string(password)} {
		if strings.Contains(p.said.String(), hidden) {
			t.Errorf("a password was shown")
		}
	}
}
