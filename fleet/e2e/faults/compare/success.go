// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"time"

	"nationtech.io/harmony"
	"nationtech.io/harmony/fleet/e2e/faults"
	"nationtech.io/harmony/topology/kubernetes"
)

const rounds = 5

// success measures deploys of the server that go well, each into a namespace that is not there yet.
func (b *bench) success(ctx context.Context) error {
	var ours, smoke, helms, kubectls series
	for round := range rounds + 1 {
		total, tested, err := b.ours(ctx, fmt.Sprint("compare-harmony-", round))
		if err != nil {
			return err
		}
		helmed, err := b.well(ctx, fmt.Sprint("compare-helm-", round), func(s *faults.Stage, dir bundle) []*exec.Cmd {
			return []*exec.Cmd{b.install(ctx, s.Namespace, dir)}
		})
		if err != nil {
			return err
		}
		applied, err := b.well(ctx, fmt.Sprint("compare-kubectl-", round), func(s *faults.Stage, dir bundle) []*exec.Cmd {
			return []*exec.Cmd{
				b.kubectl(ctx, "create", "namespace", s.Namespace),
				b.kubectl(ctx, "--namespace", s.Namespace, "apply", "--filename", dir.file()),
				b.kubectl(ctx, "--namespace", s.Namespace, "wait", "deployment", "--all", "--for", "condition=Available", "--timeout", "60s"),
			}
		})
		if err != nil {
			return err
		}
		if round > 0 { // the first one warms up
			ours, smoke, helms, kubectls = append(ours, total-tested), append(smoke, tested), append(helms, helmed), append(kubectls, applied)
		}
	}
	ours.against("success_vs_helm", "helm_install_wait", helms)
	ours.against("success_vs_kubectl", "kubectl_apply_wait", kubectls)
	_, err := fmt.Printf("FIGURE name=smoke_test value=%.3g unit=s rounds=%d\n", smoke.median(), len(smoke))
	return err
}

// ours times this program as a process that deploys the server, and how long of it the smoke test took.
func (b *bench) ours(ctx context.Context, namespace string) (total, tested float64, err error) {
	self, err := os.Executable()
	if err != nil {
		return 0, 0, fmt.Errorf("find this program: %w", err)
	}
	cmd := exec.CommandContext(ctx, self, "-deploy", namespace, "-image", b.reference)
	cmd.Env, cmd.Stderr = append(os.Environ(), "KUBECONFIG="+b.stage.Place.Cluster().Kubeconfig), os.Stderr
	start := time.Now()
	out, err := cmd.Output()
	total = time.Since(start).Seconds()
	if err != nil {
		return 0, 0, fmt.Errorf("deploy: %w", err)
	}
	var report harmony.Report
	if err := json.Unmarshal(out, &report); err != nil {
		return 0, 0, fmt.Errorf("read the report: %w", err)
	}
	for _, step := range report.Placements[0].Steps {
		if step.Name == harmony.StepSmokeTest {
			tested = time.Duration(step.Took).Seconds()
		}
	}
	return total, tested, b.forget(ctx, namespace)
}

// deploy deploys the server by the kubeconfig, as a command line does, and writes the report.
func deploy(ctx context.Context, namespace, image string) error {
	place, err := kubernetes.Open(ctx, kubernetes.Options{})
	if err != nil {
		return err
	}
	defer place.Close()
	report, err := harmony.Deploy(ctx, harmony.Place(faults.Score{Namespace: namespace, Image: image}).On(place))
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(report)
}

// well times commands that must end well.
func (b *bench) well(ctx context.Context, namespace string, commands func(*faults.Stage, bundle) []*exec.Cmd) (float64, error) {
	stage := b.stage
	stage.Namespace = namespace
	dir, err := b.bundled(&stage, faults.Fault{})
	if err != nil {
		return 0, err
	}
	defer func() { _ = os.RemoveAll(string(dir)) }() // it lies in the directory for temporary files
	start := time.Now()
	for _, cmd := range commands(&stage, dir) {
		if out, err := cmd.CombinedOutput(); err != nil {
			return 0, fmt.Errorf("%s: %w\n%s", cmd, err, out)
		}
	}
	return time.Since(start).Seconds(), b.forget(ctx, namespace)
}

// forget takes a namespace away, and waits, so that the next deploy has the machine to itself.
func (b *bench) forget(ctx context.Context, namespace string) error {
	if out, err := b.kubectl(ctx, "delete", "namespace", namespace).CombinedOutput(); err != nil {
		return errors.Join(fmt.Errorf("%s: %w", out, err), ctx.Err())
	}
	return nil
}

// A series is what was measured in each round, in seconds.
type series []float64

func (s series) median() float64 { return slices.Sorted(slices.Values(s))[len(s)/2] }

// against prints it beside what was measured in the same rounds of another; the ratio is the median of the rounds'.
func (s series) against(name, baseline string, other series) {
	ratios := make(series, len(s))
	for i := range s {
		ratios[i] = s[i] / other[i]
	}
	fmt.Printf("FIGURE name=%s value=%.3g unit=s ratio=%.2f baseline=%s baseline_value=%.3g rounds=%d\n", name, s.median(), ratios.median(), baseline, other.median(), len(s))
}
