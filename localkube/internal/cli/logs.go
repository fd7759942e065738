// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"nationtech.io/harmony/localkube/internal/config"
	"nationtech.io/harmony/localkube/internal/fault"
	"nationtech.io/harmony/localkube/internal/wait"
)

// logNames are the logs that there are: the supervisor's, a node's own, and its components'.
func logNames() []string {
	return []string{
		"supervisor", "node", config.Etcd, config.Containerd, config.APIServer, config.ControllerManager,
		config.Scheduler, config.Kubelet, config.Proxy, config.Provisioner,
	}
}

func (a *app) logs() *cobra.Command {
	node, follow := "", false
	command := &cobra.Command{
		Use:       "logs COMPONENT",
		Short:     "Print the log of a component, also of one that has died",
		Long:      "Print the log of a component. A line of localkube's own tells when and how it ended.",
		Example:   "  localkube logs kube-apiserver\n  localkube logs kubelet --node harmony-2 -f",
		ValidArgs: logNames(),
		Args:      cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if err := only("component", args[0], logNames()); err != nil {
				return err
			}
			m, err := a.manager()
			if err != nil {
				return err
			}
			place := m.Root.Cluster(a.name)
			spec, err := place.Load()
			if err != nil {
				return err
			}
			if node == "" {
				node = spec.Nodes[0]
			}
			if err := only("node", node, spec.Nodes); err != nil {
				return err
			}
			path := place.Node(node, "log", args[0]+".log")
			if args[0] == "supervisor" {
				path = place.Log()
			}
			return printLog(c.Context(), a.out.stdout, path, follow)
		},
	}
	command.Flags().StringVar(&node, "node", "", "which node (default: the control plane)")
	command.Flags().BoolVarP(&follow, "follow", "f", false, "go on as the log grows")
	return command
}

func printLog(ctx context.Context, to io.Writer, path string, follow bool) error {
	file, err := os.Open(path)
	if err != nil {
		return fault.Wrap(fault.Absent, err, "there is no log %s", filepath.Base(path))
	}
	defer func() { _ = file.Close() }()
	for {
		if _, err := io.Copy(to, file); err != nil {
			return fault.Wrap(fault.Failed, err, "print %s", path)
		}
		if !follow || !wait.For(ctx, 200*time.Millisecond) {
			return nil
		}
	}
}
