// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Command compare makes faults of the matrix happen while Harmony, helm and kubectl deploy the same objects, and prints
// who names the cause, and when. Then it measures deploys that nothing goes wrong with.
//
//	make bench-diagnosis
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"

	"github.com/go-logr/logr"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"nationtech.io/harmony/fleet/e2e/faults"
	"nationtech.io/harmony/topology/local"
)

func main() {
	b := &bench{}
	flag.StringVar(&b.localkube, "localkube", "bin/localkube", "path of the program that runs clusters")
	flag.StringVar(&b.cluster, "name", "harmony-bench", "name of the cluster")
	flag.IntVar(&b.abreast, "abreast", 6, "how many faults happen at once")
	only := flag.String("run", "", "only faults whose names have this in them; and no deploys that go well")
	alone := flag.String("deploy", "", "only deploy the server into this namespace, with the image -image, by $KUBECONFIG")
	image := flag.String("image", "", "the server's image")
	flag.Parse()
	log.SetLogger(logr.Discard()) // what libraries say of themselves is nothing to a reader of figures
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	var err error
	if *alone != "" {
		err = deploy(ctx, *alone, *image)
	} else {
		err = b.all(ctx, *only)
	}
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "compare:", err)
		os.Exit(1)
	}
}

type bench struct {
	localkube, cluster string
	abreast            int

	stage     faults.Stage
	helm      string // a path
	reference string // of the server's image
}

func (b *bench) all(ctx context.Context, only string) (err error) {
	if b.helm, err = helm(ctx); err != nil {
		return err
	}
	place, err := local.Open(ctx, local.Options{Name: b.cluster})
	if err != nil {
		return err
	}
	defer func() {
		place.Close()
		err = errors.Join(err, exec.Command(b.localkube, "down", "--name", b.cluster).Run()) //nolint:noctx // also after an interruption
	}()
	registries, err := faults.OpenRegistries(ctx, place, b.localkube)
	if err != nil {
		return err
	}
	defer registries.Close()
	b.stage = faults.Stage{Place: place, Localkube: b.localkube, Registries: registries}
	if b.reference, err = faults.Reference(ctx, &b.stage); err != nil {
		return err
	}
	if err := b.causes(ctx, only); err != nil || only != "" {
		return err
	}
	return b.success(ctx)
}

// helm builds the Helm that tools/helm pins into Go's build cache, which takes minutes the first time on a machine.
func helm(ctx context.Context) (string, error) {
	find := exec.CommandContext(ctx, "go", "tool", "-n", "helm")
	find.Dir, find.Stderr = filepath.Join("tools", "helm"), os.Stderr
	path, err := find.Output()
	if err != nil {
		return "", fmt.Errorf("build helm: %w", err)
	}
	return strings.TrimSpace(string(path)), nil
}
