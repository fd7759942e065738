// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package runner

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/agent/decide"
	"nationtech.io/harmony/fleet/agent/podman"
	"nationtech.io/harmony/fleet/agent/podmantest"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/wait"
)

// bench is a runner with a real podman, and what it holds to.
type bench struct {
	*Runner
	t        *testing.T
	machine  podmantest.Machine
	held     decide.State
	releases map[contract.Digest]contract.Release
	ctx      context.Context // that of what is begun, as long as the test
}

func onPodman(t *testing.T, m podmantest.Machine) *bench {
	t.Helper()
	b := &bench{t: t, machine: m, releases: map[contract.Digest]contract.Release{}, held: decide.State{Records: map[contract.WorkloadUID]decide.Record{}}}
	have := func(d contract.Digest) (contract.Release, bool) { r, ok := b.releases[d]; return r, ok }
	b.Runner = New(Options{
		Podman: podman.New(m.Socket), Have: have, Changed: func() {}, Log: slog.New(slog.DiscardHandler), Now: time.Now,
		Release: func(_ context.Context, d contract.Digest) (contract.Release, error) { return b.releases[d], nil },
	})
	ctx, end := context.WithCancel(context.Background())
	b.ctx = ctx
	t.Cleanup(func() { end(); b.Wait() })
	return b
}

// wants has a workload of one service run.
func (b *bench) wants(name string, c contract.Container) contract.WorkloadUID {
	b.t.Helper()
	release := contract.Release{Podman: contract.Podman{Services: []contract.Container{c}}}
	_, digest, err := release.Encode()
	if err != nil {
		b.t.Fatal(err)
	}
	uid, err := contract.ParseWorkloadUID(fmt.Sprintf("%08x-1111-4222-8333-444455556666", len(b.held.Records)))
	if err != nil {
		b.t.Fatal(err)
	}
	b.releases[digest] = release
	b.held.Records[uid] = decide.Record{Namespace: "shop", Name: name, Generation: 1, Digest: digest, Want: contract.Present, Listed: true}
	return uid
}

func (b *bench) service(args ...string) contract.Container {
	return contract.Container{Name: "web", Image: b.machine.Image, Args: append(args, "wait")}
}

// sees makes passes until a workload stands so.
func (b *bench) sees(uid contract.WorkloadUID, phase contract.Phase, code diag.Code) (fault *diag.Diagnostic) {
	b.t.Helper()
	what := fmt.Sprintf("%s to be %s %s", b.held.Records[uid].Name, phase, code)
	err := wait.Until(b.t.Context(), what, wait.Pace{Limit: 2 * time.Minute}, func(context.Context) (string, bool, error) {
		_, err := b.Pass(b.ctx, b.held)
		is := b.Status(uid, b.held.Records[uid].Digest)
		fault = is.Fault
		return fmt.Sprintf("%s %v, %v", is.Phase, is.Fault, err), is.Phase == phase && (fault == nil && code == "" || fault != nil && fault.Code == code), nil
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return fault
}

func TestAHealthCheckHasItsOwnTimeout(t *testing.T) {
	b := onPodman(t, podmantest.Start(t))
	b.margin = 0
	stuck, long := b.service(), b.service()
	stuck.Health = &contract.HealthCheck{Command: []string{"/service", "wait"}, IntervalSeconds: 1, TimeoutSeconds: 1, Retries: 2}
	long.Health = &contract.HealthCheck{Command: []string{"/service", "pause=31s"}, IntervalSeconds: 1, TimeoutSeconds: 120, Retries: 1}
	patient, hanging := b.wants("patient", long), b.wants("stuck", stuck)
	if fault := b.sees(hanging, contract.Degraded, diag.Unhealthy); !strings.Contains(fault.Error(), "has not ended, and its timeout is 1s") {
		t.Errorf("it is said: %v", fault)
	}
	b.sees(patient, contract.Running, "")
}

func TestWhatIsGoneIsNotAskedForItsHealth(t *testing.T) {
	b := onPodman(t, podmantest.Start(t))
	c := b.service()
	c.Health = &contract.HealthCheck{Command: []string{"/service", "exit=0"}, IntervalSeconds: 1}
	web := b.wants("web", c)
	b.sees(web, contract.Running, "")
	r := b.held.Records[web]
	r.Want = contract.Absent
	b.held.Records[web] = r
	err := wait.Until(t.Context(), "it to be gone", wait.Pace{Limit: time.Minute}, func(context.Context) (string, bool, error) {
		look, err := b.Pass(b.ctx, b.held)
		return fmt.Sprint(look, err), len(look.Removed) == 1, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	b.Wait()
	if err := wait.Sleep(t.Context(), time.Second); err != nil { // in which it would be asked again
		t.Fatal(err)
	}
	if _, err := b.Pass(b.ctx, decide.State{}); err != nil || b.Next() != calm {
		t.Errorf("nothing runs here, and the next pass is in %s, %v", b.Next(), err)
	}
}
