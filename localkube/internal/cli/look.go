// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"nationtech.io/harmony/localkube/internal/cluster"
	"nationtech.io/harmony/localkube/internal/fault"
)

func (a *app) status() *cobra.Command {
	return &cobra.Command{
		Use:     "status",
		Short:   "Show the state of a cluster and of its components",
		Example: "  localkube status\n  localkube status --output json | jq .state",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			m, err := a.manager()
			if err != nil {
				return err
			}
			s, err := m.Status(c.Context(), a.name)
			if err != nil {
				return err
			}
			return a.out.result("status", s, statusText(s))
		},
	}
}

func statusText(s cluster.Status) string {
	var b strings.Builder
	_, _ = fmt.Fprintf(&b, "cluster     %s, %s\nkubernetes  %s\nkubeconfig  %s\ngateway     %s\n", s.Name, s.State, s.Kubernetes, s.Kubeconfig, s.Gateway)
	if s.Audit != "" {
		_, _ = fmt.Fprintf(&b, "audit log   %s\n", s.Audit)
	}
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "\nNODE\tCOMPONENT\tSTATE\tPID\tRESTARTS\tSINCE\tLAST EXIT")
	for _, n := range s.Nodes {
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%d\t%s\t%s\n", n.Name, n.Address, n.State, number(n.PID), n.Restarts, age(n.Since), dash(n.LastExit))
		for _, c := range n.Components {
			_, _ = fmt.Fprintf(table, "\t%s\t%s\t%s\t%d\t%s\t%s\n", c.Name, c.State, number(c.PID), c.Restarts, age(c.Since), dash(c.LastExit))
		}
	}
	_ = table.Flush()
	return b.String()
}

func number(pid int) string {
	if pid == 0 {
		return "-"
	}
	return fmt.Sprint(pid)
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func age(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return time.Since(t).Round(time.Second).String()
}

func (a *app) list() *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "List the clusters of this user",
		Example: "  localkube list",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			m, err := a.manager()
			if err != nil {
				return err
			}
			names, err := clusterNames(m)
			if err != nil {
				return err
			}
			all := []cluster.Status{}
			var b strings.Builder
			for _, name := range names {
				s, err := m.Status(c.Context(), name)
				if err != nil {
					continue // it has just gone
				}
				all = append(all, s)
				_, _ = fmt.Fprintf(&b, "%s\t%s\t%d nodes\t%s\n", s.Name, s.State, len(s.Nodes), s.Gateway)
			}
			return a.out.result("list", map[string]any{"clusters": all}, b.String())
		},
	}
}

func (a *app) kubeconfig() *cobra.Command {
	content := false
	command := &cobra.Command{
		Use:     "kubeconfig",
		Short:   "Print the path of a cluster's kubeconfig",
		Example: "  export KUBECONFIG=$(localkube kubeconfig)\n  localkube kubeconfig --content > elsewhere",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			m, err := a.manager()
			if err != nil {
				return err
			}
			place := m.Root.Cluster(a.name)
			if _, err := place.Load(); err != nil {
				return err
			}
			text := place.Kubeconfig()
			if content {
				read, err := os.ReadFile(text)
				if err != nil {
					return fault.Wrap(fault.Absent, err, "read the kubeconfig")
				}
				text = string(read)
			}
			return a.out.result("kubeconfig", map[string]string{"kubeconfig": place.Kubeconfig()}, text)
		},
	}
	command.Flags().BoolVar(&content, "content", false, "print the file itself")
	return command
}

func (a *app) kubectl() *cobra.Command {
	return &cobra.Command{
		Use:   "kubectl [--name CLUSTER] ARGS…",
		Short: "Run kubectl, the one that was built with the cluster",
		Long:  "Run kubectl on a cluster. Everything after the word kubectl is kubectl's; only --name as the first of it names the cluster.",
		Example: `  localkube kubectl get pods -A
  localkube kubectl --name big get nodes`,
		DisableFlagParsing: true,
		RunE: func(c *cobra.Command, args []string) error {
			a.started = true
			name, args := splitName(a.name, args)
			m, err := a.manager()
			if err != nil {
				return err
			}
			engine, place, err := m.Engine(c.Context(), name)
			if err != nil {
				return err
			}
			command := exec.CommandContext(c.Context(), engine, args...)
			command.Args[0] = "kubectl" // the engine is what it is called
			command.Stdin, command.Stdout, command.Stderr = os.Stdin, os.Stdout, os.Stderr
			command.Env = append(os.Environ(), "KUBECONFIG="+place.Kubeconfig())
			command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
			err = command.Run()
			if exit, ok := errors.AsType[*exec.ExitError](err); ok {
				return exitCode(max(exit.ExitCode(), 1))
			}
			if err != nil {
				return fault.Wrap(fault.Failed, err, "run kubectl")
			}
			return nil
		},
	}
}

// splitName takes the cluster's name off the front of kubectl's arguments.
func splitName(name string, args []string) (string, []string) {
	if len(args) >= 2 && args[0] == "--name" {
		return args[1], args[2:]
	}
	if len(args) >= 1 {
		if value, ok := strings.CutPrefix(args[0], "--name="); ok {
			return value, args[1:]
		}
	}
	return name, args
}
