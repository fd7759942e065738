// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

//go:build engine

package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"sort"
	"strings"
	"syscall"
	_ "time/tzdata" // the node has no zoneinfo of its own; CronJobs name time zones

	"github.com/spf13/cobra"
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/logs/json/register"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
	"k8s.io/component-base/version"
	kubectl "k8s.io/kubectl/pkg/cmd"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllers "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	proxy "k8s.io/kubernetes/cmd/kube-proxy/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
	kubelet "k8s.io/kubernetes/cmd/kubelet/app"
)

func main() {
	components := components()
	name, args := filepath.Base(os.Args[0]), os.Args
	if components[name] == nil && len(os.Args) > 1 {
		name, args = os.Args[1], os.Args[1:]
	}
	run := components[name]
	if run == nil {
		var names []string
		for n := range components {
			names = append(names, n)
		}
		sort.Strings(names)
		fmt.Fprintf(os.Stderr, "usage: %s COMPONENT [flags]\ncomponents: %s\n", filepath.Base(os.Args[0]), strings.Join(names, " "))
		os.Exit(2)
	}
	os.Args = args
	os.Exit(run())
}

// components names each program that this binary can be. They are functions so
// that only the one that runs builds its command tree.
func components() map[string]func() int {
	return map[string]func() int{
		"kube-apiserver":          func() int { return upstream(apiserver.NewAPIServerCommand()) },
		"kube-controller-manager": func() int { return upstream(controllers.NewControllerManagerCommand()) },
		"kube-scheduler":          func() int { return upstream(scheduler.NewSchedulerCommand()) },
		"kube-proxy":              func() int { return upstream(proxy.NewProxyCommand()) },
		"kubelet":                 func() int { return upstream(kubelet.NewKubeletCommand(context.Background())) },
		"kubectl":                 func() int { return upstream(kubectl.NewDefaultKubectlCommand()) },
		"etcd":                    func() int { return own(runEtcd) },
		"containerd":              func() int { return own(runContainerd) },
		"provisioner":             func() int { return own(runProvisioner) },
		"version":                 func() int { fmt.Println(version.Get().GitVersion); return 0 },
	}
}

// upstream runs a command of Kubernetes, which handles signals by itself.
func upstream(c *cobra.Command) int { return cli.Run(c) }

// own runs one of our entry points with a context that ends on SIGTERM or SIGINT.
func own(run func(ctx context.Context, args []string) error) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", os.Args[0], err)
		return 1
	}
	return 0
}
