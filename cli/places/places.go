// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package places has the topologies that come with Harmony, as a command line offers them: with a flag for what each
// must be told.
package places

import (
	"context"
	"reflect"

	"github.com/spf13/pflag"

	"nationtech.io/harmony/cli"
	"nationtech.io/harmony/topology/kubernetes"
	"nationtech.io/harmony/topology/local"
)

// All are local and kubernetes.
func All() []cli.Topology {
	return []cli.Topology{
		{Name: "local", What: "a real Kubernetes on this machine, started on first use (Linux, root)", Type: reflect.TypeFor[*local.Topology](), Flags: localFlags},
		{Name: "kubernetes", What: "any cluster of a kubeconfig context", Type: reflect.TypeFor[*kubernetes.Topology](), Flags: kubernetesFlags},
	}
}

func localFlags(fs *pflag.FlagSet) func(context.Context) (cli.Place, error) {
	name := fs.String("cluster", local.DefaultCluster, "local: name of the cluster")
	return func(ctx context.Context) (cli.Place, error) {
		return local.Open(ctx, local.Options{Name: *name, Version: cli.Version()})
	}
}

func kubernetesFlags(fs *pflag.FlagSet) func(context.Context) (cli.Place, error) {
	o := kubernetes.Options{Version: cli.Version()}
	fs.StringVar(&o.Kubeconfig, "kubeconfig", "", "kubernetes: path of the kubeconfig (default: $KUBECONFIG, then ~/.kube/config)")
	fs.StringVar(&o.Context, "context", "", "kubernetes: context of the kubeconfig (default: its current one)")
	fs.StringVar(&o.Registry, "registry", "", "kubernetes: registry and path that built images are pushed to: registry.example/harmony")
	fs.BoolVar(&o.AnyVersion, "any-version", false, "kubernetes: go on with an API server whose version is not supported")
	return func(ctx context.Context) (cli.Place, error) {
		return kubernetes.Open(ctx, o)
	}
}
