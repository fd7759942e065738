// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"nationtech.io/harmony/localkube/internal/cluster"
	"nationtech.io/harmony/localkube/internal/fault"
)

func (a *app) up() *cobra.Command {
	var o cluster.UpOptions
	command := &cobra.Command{
		Use:   "up",
		Short: "Bring a cluster up and wait until it is ready",
		Long: `Bring a cluster up: make it, or start a stopped one with all that was in it, or
repair one of which parts do not run. The first time on a machine, its programs
are built, which takes minutes.

up returns when the API server is ready, every node is Ready, DNS answers and a
Pod has run on each node. It can be interrupted at any point and called again.`,
		Example: `  localkube up
  localkube up --name big --nodes 3
  localkube up --name seen --audit
  localkube up --output json | jq -r 'select(.event=="ready").kubeconfig'`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			m, err := a.manager()
			if err != nil {
				return err
			}
			o.Name = a.name
			defer a.out.heartbeat()()
			ready, err := m.Up(c.Context(), o)
			if err != nil {
				return err
			}
			return a.out.result("ready", ready, readyText(ready))
		},
	}
	flags := command.Flags()
	flags.IntVar(&o.Nodes, "nodes", 0, "number of nodes; a cluster can grow (default: as it is, or 1)")
	flags.BoolVar(&o.Fsync, "fsync", true, "for a new cluster: etcd writes through to the disk, so that objects survive a power cut; without, they survive a crash of any process")
	flags.BoolVar(&o.Audit, "audit", false, "for a new or a stopped cluster: the API server logs who asked for what, and what came of it, in a file that \"status\" names; it goes on with that until the cluster is taken down")
	flags.DurationVar(&o.Timeout, "timeout", 2*time.Minute, "give up when it is not ready after this long; building is not counted")
	return command
}

func readyText(r cluster.Ready) string {
	nodes := fmt.Sprintf("%d nodes", len(r.Nodes))
	if len(r.Nodes) == 1 {
		nodes = "1 node"
	}
	text := fmt.Sprintf("cluster %q up: %s ready, DNS answers", r.Name, nodes)
	return fmt.Sprintf("local  %-60s %7.1f s", text, r.Seconds)
}

func (a *app) stop() *cobra.Command {
	return &cobra.Command{
		Use:     "stop",
		Short:   "Stop a cluster and keep its state",
		Long:    "Stop a cluster and keep its state: \"localkube up\" brings the same objects and data back.",
		Example: "  localkube stop --name big\n  localkube up --name big",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			m, err := a.manager()
			if err != nil {
				return err
			}
			if err := m.Stop(c.Context(), a.name); err != nil {
				return err
			}
			return a.out.result("stopped", map[string]string{"name": a.name}, fmt.Sprintf("local  cluster %q stopped; its state is kept", a.name))
		},
	}
}

func (a *app) down() *cobra.Command {
	all := false
	command := &cobra.Command{
		Use:   "down",
		Short: "End a cluster and remove everything of it",
		Long: `End a cluster and remove everything of it: processes, mounts, network devices,
cgroups and its state. It also cleans up after parts that were killed. That there
is no such cluster is no error.`,
		Example: "  localkube down\n  localkube down --name big\n  localkube down --all",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			m, err := a.manager()
			if err != nil {
				return err
			}
			names := []string{a.name}
			if all {
				if names, err = clusterNames(m); err != nil {
					return err
				}
			}
			var failed []error
			for _, name := range names {
				if err := m.Down(c.Context(), name); err != nil {
					failed = append(failed, err)
				}
			}
			if err := errors.Join(failed...); err != nil {
				return err
			}
			return a.out.result("down", map[string][]string{"names": names}, fmt.Sprintf("local  down: %s", strings.Join(names, ", ")))
		},
	}
	command.Flags().BoolVar(&all, "all", false, "every cluster of this user")
	return command
}

func clusterNames(m cluster.Manager) ([]string, error) {
	clusters, err := m.Root.Clusters()
	if err != nil {
		return nil, err
	}
	var names []string
	for _, c := range clusters {
		names = append(names, c.Name)
	}
	return names, nil
}

func (a *app) build() *cobra.Command {
	return &cobra.Command{
		Use:   "build",
		Short: "Build the programs of a cluster, and start nothing",
		Long: `Build what "up" would build: the engine (etcd, Kubernetes, containerd), runc, the
CNI plugins and three small images. What is built is cached by content below
$XDG_CACHE_HOME/harmony/localkube. The first time takes minutes.`,
		Example: "  localkube build",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			m, err := a.manager()
			if err != nil {
				return err
			}
			defer a.out.heartbeat()()
			begin := time.Now()
			programs, err := m.Build(c.Context())
			if err != nil {
				return err
			}
			return a.out.result("built", programs, fmt.Sprintf("local  %-60s %7.1f s", "programs built", time.Since(begin).Seconds()))
		},
	}
}

func (a *app) check() *cobra.Command {
	return &cobra.Command{
		Use:     "check",
		Short:   "Check whether this machine can run a cluster",
		Long:    "Check whether this machine can run a cluster, and build its programs if they are not built yet. All that is missing is told at once; exit code 3.",
		Example: "  localkube check --output json",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			m, err := a.manager()
			if err != nil {
				return err
			}
			if err := m.Check(c.Context()); err != nil {
				return err
			}
			return a.out.result("ok", map[string]string{}, "local  this machine can run a cluster")
		},
	}
}

// only is what commands with a fixed set of arguments say.
func only(what, got string, allowed []string) error {
	for _, a := range allowed {
		if a == got {
			return nil
		}
	}
	return fault.New(fault.Usage, "%s %q: want one of %s", what, got, strings.Join(allowed, ", "))
}
