// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

//go:build engine

package main

import (
	"context"
	"flag"
	"time"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/util/workqueue"
	"k8s.io/klog/v2"
	"sigs.k8s.io/sig-storage-lib-external-provisioner/v13/controller"

	"nationtech.io/harmony/localkube/cmd/engine/volume"
)

// runProvisioner serves PersistentVolumeClaims of one provisioner name until ctx ends.
func runProvisioner(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("provisioner", flag.ContinueOnError)
	kubeconfig := flags.String("kubeconfig", "", "file with the address of the API server and our identity")
	name := flags.String("name", "", "provisioner name that StorageClasses refer to")
	dir := flags.String("dir", "", "directory of volumes, one directory a node below it")
	if err := flags.Parse(args); err != nil {
		return err
	}
	config, err := clientcmd.BuildConfigFromFlags("", *kubeconfig)
	if err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	ctx = klog.NewContext(ctx, klog.Background())
	controller.NewProvisionController(ctx, client, *name, volume.Directories{Root: *dir},
		controller.LeaderElection(false), // there is one of us in a cluster
		controller.MetricsPort(0),
		// A claim can come before its node is writable, just after a start: try again soon.
		controller.RateLimiter(workqueue.NewTypedItemExponentialFailureRateLimiter[string](200*time.Millisecond, 30*time.Second)),
	).Run(ctx)
	return nil
}
