// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"

	"github.com/spf13/cobra"
)

func (a *app) node() *cobra.Command {
	command := &cobra.Command{
		Use:   "node",
		Short: "Break and repair nodes, for tests",
		Example: `  localkube node stop harmony-2        # shut down; its Pods end first
  localkube node stop --kill harmony-2 # as if the power went
  localkube node start harmony-2
  localkube node partition harmony-2   # take its cable out
  localkube node heal harmony-2`,
	}
	kill := false
	stop := a.nodeAction("stop", "Stop a node", "stopped", func() string {
		if kill {
			return "kill"
		}
		return "stop"
	})
	stop.Flags().BoolVar(&kill, "kill", false, "at once, as if the power went")
	command.AddCommand(
		stop,
		a.nodeAction("start", "Start a stopped node", "started", func() string { return "start" }),
		a.nodeAction("partition", "Take a node's cable out: it runs, but reaches no one", "partitioned", func() string { return "partition" }),
		a.nodeAction("heal", "Put a node's cable back", "healed", func() string { return "heal" }),
	)
	return command
}

func (a *app) nodeAction(verb, short, done string, action func() string) *cobra.Command {
	return &cobra.Command{
		Use:     verb + " NODE",
		Short:   short,
		Long:    short + `. The command does not wait for Kubernetes to notice; "localkube up" repairs everything and waits.`,
		Example: "  localkube node " + verb + " harmony-2",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			m, err := a.manager()
			if err != nil {
				return err
			}
			if err := m.Node(c.Context(), a.name, args[0], action()); err != nil {
				return err
			}
			return a.out.result("node", map[string]string{"node": args[0], "action": action()}, fmt.Sprintf("local  node %s %s", args[0], done))
		},
	}
}
