// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"nationtech.io/harmony"
	"nationtech.io/harmony/topology/local"
)

// plans measures plans by the real command line, each with its baseline in the same round: kubectl diff of the same
// objects, and plans of a tenth as many.
func (b *bench) plans(ctx context.Context) error {
	if _, err := command(ctx, "bin/localkube", "up", "--name", b.cluster); err != nil {
		return err
	}
	topology, err := local.Open(ctx, local.Options{Name: b.cluster})
	if err != nil {
		return err
	}
	defer topology.Close()
	const namespace = "bench-plan"
	if _, err := b.deploy(ctx, namespace); err != nil {
		return err
	}
	file, err := b.standing(ctx, namespace)
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(filepath.Dir(file)) }() // it lies in the directory for temporary files
	var plan, diff, ten, hundred series
	for round := range rounds + 1 {
		planned, err := b.plan(ctx, "all", namespace, device)
		if err != nil {
			return err
		}
		differs, err := b.diff(ctx, file)
		if err != nil {
			return err
		}
		few, err := b.plan(ctx, "nats", namespace, devices(10)...)
		if err != nil {
			return err
		}
		many, err := b.plan(ctx, "nats", namespace, devices(100)...)
		if err != nil {
			return err
		}
		if round > 0 {
			plan, diff, ten, hundred = append(plan, planned), append(diff, differs), append(ten, few), append(hundred, many)
		}
	}
	plan.printAgainst("plan_vs_kubectl_diff", "s", "kubectl_diff_server_side", diff)
	plan.print("plan_noop", "s")
	hundred.printAgainst("plan_100_objects", "s", "plan_10_objects", ten)
	_, err = harmony.Run{Purge: true}.Remove(ctx, harmony.Place(all(namespace)).On(topology))
	return err
}

// devices are as many names; each has a Secret of its own.
func devices(n int) (names []string) {
	for i := range n {
		names = append(names, "bench-device-"+strconv.Itoa(i))
	}
	return names
}

// plan is the wall time of a plan; what it finds is its own affair.
func (b *bench) plan(ctx context.Context, component, namespace string, devices ...string) (float64, error) {
	return differing(ctx, "bin/harmony-fleet-deploy", "plan", component, "--topology", "local", "--cluster", b.cluster,
		"--namespace", namespace, "--device", strings.Join(devices, ","))
}

// standing writes what the component's inventory stands for into a file, as a person who keeps manifests has it.
func (b *bench) standing(ctx context.Context, namespace string) (file string, err error) {
	dir, err := os.MkdirTemp("", "harmony-bench-")
	if err != nil {
		return "", fmt.Errorf("make a directory for manifests: %w", err)
	}
	const kinds = "configmaps,secrets,services,serviceaccounts,poddisruptionbudgets,statefulsets,deployments"
	cmd := exec.CommandContext(ctx, "bin/localkube", "kubectl", "--name", b.cluster, "get", kinds, "--namespace", namespace,
		"--selector", "app.kubernetes.io/managed-by=harmony", "--output", "json")
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("list what stands: %w", err)
	}
	file = filepath.Join(dir, "standing.json")
	if err := os.WriteFile(file, out, 0o600); err != nil {
		return "", fmt.Errorf("write manifests: %w", err)
	}
	return file, nil
}

func (b *bench) diff(ctx context.Context, file string) (float64, error) {
	return differing(ctx, "bin/localkube", "kubectl", "--name", b.cluster, "diff", "--server-side", "--force-conflicts", "--filename", file)
}

// differing runs a program that ends with 0 or, as it found a difference, with 1 (kubectl) or 10 (plan).
func differing(ctx context.Context, name string, args ...string) (float64, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	start := time.Now()
	err := cmd.Run()
	took := time.Since(start).Seconds()
	exit, ended := errors.AsType[*exec.ExitError](err)
	if err != nil && (!ended || exit.ExitCode() != 1 && exit.ExitCode() != 10) {
		return 0, fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, out.String())
	}
	return took, nil
}
