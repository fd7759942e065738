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
	root := a.root(args, streams)
	root.SetArgs(args)
	understood := false
	root.PersistentPreRun = func(*cobra.Command, []string) { understood = true }
	err := root.ExecuteContext(ctx)
	if err == nil {
		return ExitDone
	}
	a.show(streams.Err, err)
	if !understood {
		return ExitUsage
	}
	return ExitCode(err)
}

func (a App) root(args []string, streams Streams) *cobra.Command {
	root := &cobra.Command{
		Use: a.Name + " COMPONENT --topology NAME", Short: a.Short, Version: Version(),
		SilenceErrors: true, SilenceUsage: true,
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
	root.SetOut(streams.Out)
	root.SetErr(streams.Err)
	root.SetFlagErrorFunc(wrongFlag)
	root.AddGroup(&cobra.Group{ID: groupComponents, Title: "Deploy a component:"},
		&cobra.Group{ID: groupStanding, Title: "What stands:"}, &cobra.Group{ID: groupHelp, Title: "Find your way:"})
	root.SetHelpCommandGroupID(groupHelp)
	root.SetCompletionCommandGroupID(groupHelp)
	root.AddCommand(a.deployCommands(streams)...)
	root.AddCommand(a.planCommand(streams), a.driftCommand(streams), a.verifyCommand(streams), a.removeCommand(streams), a.statusCommand(streams),
		a.listCommand(streams))
	if a.Pages != nil {
		root.AddCommand(a.explainCommand(streams))
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
