// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"errors"
	"io"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"nationtech.io/harmony/localkube/internal/cluster"
	"nationtech.io/harmony/localkube/internal/fault"
	"nationtech.io/harmony/localkube/internal/prereq"
	"nationtech.io/harmony/localkube/internal/state"
)

// Main runs a command line and gives the exit code.
func Main(args []string, stdout, stderr io.Writer) int {
	// The first process of a node handles signals by itself, and the supervisor its life.
	if len(args) > 0 {
		switch args[0] {
		case "node":
			if len(args) == 1 {
				return nodeMain(stderr)
			}
		case "supervise":
			return superviseMain(args[1:], stderr)
		case prereq.ProbeCommand:
			return probeKernelMain(args[1:], stdout)
		}
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	a := &app{out: newPrinter(stdout, stderr)}
	a.out.json = wantsJSON(args) // also when the arguments are wrong
	root := a.root()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if exit, ok := errors.AsType[exitCode](err); ok {
		return int(exit)
	}
	if err == nil {
		return 0
	}
	f, ok := errors.AsType[*fault.Error](err)
	switch {
	case ok:
	case a.started:
		f = &fault.Error{Kind: fault.Failed, Message: err.Error()}
	default: // cobra's own: an unknown command or flag
		f = &fault.Error{Kind: fault.Usage, Message: err.Error()}
	}
	if ctx.Err() != nil {
		f = &fault.Error{Kind: fault.Failed, Message: "interrupted: " + f.Error() + "; the same command again goes on"}
	}
	a.out.fail(f)
	return f.ExitCode()
}

// exitCode ends the program with the code of another program that was run.
type exitCode int

func (exitCode) Error() string { return "the program that was run failed" }

// app is what the commands share.
type app struct {
	out     *printer
	name    string
	source  string
	output  string
	started bool // arguments and flags were fine
}

func (a *app) manager() (cluster.Manager, error) {
	root, err := state.DefaultRoot()
	return cluster.Manager{Root: root, Source: a.source, Emit: a.out.progress}, err
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "localkube",
		Short: "Run real Kubernetes clusters on this machine, without Docker",
		Long: `localkube runs real Kubernetes clusters on this machine: the upstream API server,
controllers, scheduler, kubelet, containerd and etcd, built once from Go modules
and run in Linux namespaces. It needs Linux and root, and no Docker, registry or
download of binaries.

Each cluster stands in namespaces of its own, so several stand side by side;
"localkube down" leaves nothing of it on the machine.`,
		Example: `  localkube up                     # the cluster "harmony", ready to use
  localkube kubectl get pods -A
  localkube up --name big --nodes 3
  localkube down --all`,
		SilenceUsage: true, SilenceErrors: true,
		PersistentPreRunE: func(*cobra.Command, []string) error {
			if a.output != "text" && a.output != "json" {
				return fault.New(fault.Usage, "--output %q: want text or json", a.output)
			}
			a.out.json = a.output == "json"
			a.started = true
			return nil
		},
	}
	flags := root.PersistentFlags()
	flags.StringVarP(&a.name, "name", "n", state.DefaultName, "name of the cluster")
	flags.StringVarP(&a.output, "output", "o", "text", "text, or json: JSON lines for programs")
	flags.StringVar(&a.source, "source", "", "directory of localkube's sources (default: $LOCALKUBE_SOURCE, or found around here, or downloaded)")
	root.AddCommand(
		a.up(), a.stop(), a.down(), a.status(), a.list(), a.kubeconfig(), a.kubectl(), a.logs(),
		a.image(), a.node(), a.check(), a.build(),
	)
	return root
}

func wantsJSON(args []string) bool {
	for i, arg := range args {
		if arg == "--output=json" || arg == "-ojson" || arg == "-o=json" ||
			((arg == "--output" || arg == "-o") && i+1 < len(args) && args[i+1] == "json") {
			return true
		}
	}
	return false
}
