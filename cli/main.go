// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"runtime/debug"

	"github.com/spf13/cobra"
)

const (
	groupComponents = "components"
	groupStanding   = "standing"
	groupHelp       = "help"
)

// Main runs the command line and returns the exit code. The first interrupt, or SIGTERM, lets a deploy or a removal end
// the steps that are under way, and starts none; it ends at once what changes nothing. The second cancels everything at
// once. A rerun goes on from there.
func (a App) Main(args []string, streams Streams) int {
	ctx, off := interruptible(context.Background())
	defer off()
	return Execute(ctx, a.root(args, streams), args, streams)
}

// Execute runs a command line that is no App by the same habits: errors are shown as Diagnostics, flags that are misspelt are
// proposed, and exit codes are those of this package. What was not understood, so that no command ran, is ExitUsage.
func Execute(ctx context.Context, root *cobra.Command, args []string, streams Streams) int {
	root.SilenceErrors, root.SilenceUsage = true, true
	root.SetOut(streams.Out)
	root.SetErr(streams.Err)
	root.SetFlagErrorFunc(wrongFlag)
	root.SetArgs(args)
	understood := false
	root.PersistentPreRun = func(*cobra.Command, []string) { understood = true }
	err := root.ExecuteContext(ctx)
	if err == nil {
		return ExitDone
	}
	show(streams.Err, root.Name(), err)
	if !understood {
		return ExitUsage
	}
	return ExitCode(err)
}

func (a App) root(args []string, streams Streams) *cobra.Command {
	root := &cobra.Command{
		Use: a.Name + " COMPONENT --topology NAME", Short: a.Short, Version: Version(),
		Example: "  " + a.Name + " list\n  " + a.Name + " " + a.Whole + " --topology " + a.Topologies[0].Name +
			"\n  " + a.Name + " verify --topology " + a.Topologies[0].Name,
		// A misspelt component is told as such, and not as a flag that only components know.
		FParseErrWhitelist: cobra.FParseErrWhitelist{UnknownFlags: true},
		Args:               a.knownComponent,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if len(args) == 0 {
				return cmd.Help()
			}
			return a.noComponent(cmd)
		},
	}
	root.AddGroup(&cobra.Group{ID: groupComponents, Title: "Deploy a component:"},
		&cobra.Group{ID: groupStanding, Title: "What stands:"}, &cobra.Group{ID: groupHelp, Title: "Find your way:"})
	root.SetHelpCommandGroupID(groupHelp)
	root.SetCompletionCommandGroupID(groupHelp)
	root.AddCommand(a.deployCommands(streams)...)
	root.AddCommand(a.planCommand(streams), a.driftCommand(streams), a.verifyCommand(streams), a.removeCommand(streams), a.statusCommand(streams),
		a.listCommand(streams))
	if a.Pages != nil {
		explain := Explain(a.Name, a.Pages, streams)
		explain.GroupID = groupHelp
		root.AddCommand(explain)
	}
	if a.Export != nil {
		root.AddCommand(a.exportCommand(streams))
	}
	return root
}

// Version is the module's version that the program was built from.
func Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(devel)"
	}
	return info.Main.Version
}
