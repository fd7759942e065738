// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"nationtech.io/harmony"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/deploy"
	"nationtech.io/harmony/topology/local"
)

const device = "bench-1"

type bench struct {
	cluster string
	args    []string // what follows the name of what is measured
	// kubeconfig leads to an API server that is taken in place of a local cluster; empty where there is none.
	kubeconfig string
}

// localkubeUp starts the cluster from built programs, until DNS answers and a probe Pod has run.
func (b *bench) localkubeUp(ctx context.Context) error {
	if _, err := command(ctx, "bin/localkube", "build"); err != nil {
		return err
	}
	var up series
	for range rounds {
		if err := b.down(ctx); err != nil {
			return err
		}
		took, err := command(ctx, "bin/localkube", "up", "--name", b.cluster)
		if err != nil {
			return err
		}
		up = append(up, took)
	}
	up.print("localkube_up", "s")
	return nil
}

func (b *bench) down(ctx context.Context) error {
	_, err := command(ctx, "bin/localkube", "down", "--name", b.cluster)
	return err
}

// deploys measures in turn the bare Pods and the whole command line, each in a fresh
// namespace: a first deploy, and a second one that finds nothing to change.
func (b *bench) deploys(ctx context.Context) error {
	topology, err := local.Open(ctx, local.Options{Name: b.cluster})
	if err != nil {
		return err
	}
	defer topology.Close()
	var bare, warm, noop series
	for round := range rounds + 1 {
		pods, err := b.bare(ctx, topology, "bench-bare-"+strconv.Itoa(round))
		if err != nil {
			return err
		}
		namespace := "bench-" + strconv.Itoa(round)
		first, err := b.deploy(ctx, namespace)
		if err != nil {
			return err
		}
		second, err := b.deploy(ctx, namespace)
		if err != nil {
			return err
		}
		if err := b.remove(ctx, topology, namespace); err != nil {
			return err
		}
		if round > 0 { // the first round warms up: images are built and loaded
			bare, warm, noop = append(bare, pods), append(warm, first), append(noop, second)
		}
	}
	warm.printAgainst("warm_deploy", "s", "bare_pods", bare)
	noop.printAgainst("noop_deploy", "s", "warm_deploy", warm)
	return nil
}

func (b *bench) deploy(ctx context.Context, namespace string) (seconds float64, err error) {
	return command(ctx, "bin/harmony-fleet-deploy", "all", "--topology", "local", "--cluster", b.cluster, "--namespace", namespace, "--device", device)
}

func (b *bench) remove(ctx context.Context, topology *local.Topology, namespace string) error {
	_, err := harmony.Run{Purge: true}.Remove(ctx, harmony.Place(all(namespace)).On(topology))
	return err
}

func all(namespace string) deploy.All {
	id, err := contract.ParseDeviceID(device)
	if err != nil {
		panic(err) //nolint:forbidigo // a constant of this program
	}
	return deploy.All{NATS: deploy.NATS{Namespace: namespace}, Device: id}
}

// command runs a program and gives its wall time in seconds.
func command(ctx context.Context, name string, args ...string) (float64, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	start := time.Now()
	if err := cmd.Run(); err != nil {
		return 0, fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, out.String())
	}
	return time.Since(start).Seconds(), nil
}
