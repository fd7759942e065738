// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"fmt"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"nationtech.io/harmony/cli"
	"nationtech.io/harmony/diag"
)

const (
	groupLook    = "look"
	groupCommand = "command"
	groupChange  = "change"
	groupEnrol   = "enrol"
	groupHelp    = "help"
)

// Pages gives the page of an error code, and whether there is one.
type Pages func(code string) (text string, ok bool)

// Main runs the command line and returns the exit code.
func Main(args []string, streams cli.Streams, pages Pages) int {
	ctx, off := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer off()
	context.AfterFunc(ctx, off) // a second signal ends the program at once
	return cli.Execute(ctx, root(streams, pages), args, streams)
}

// A program is what all commands share.
type program struct {
	streams cli.Streams
	options options
}

func root(streams cli.Streams, pages Pages) *cobra.Command {
	p := &program{streams: streams}
	cmd := &cobra.Command{
		Use: "harmony-fleet COMMAND", Short: "Look after a fleet of devices: see how it stands, command devices, change what runs on them", Version: cli.Version(),
		Example: "  harmony-fleet devices\n  harmony-fleet describe device press-07\n  harmony-fleet logs press-07 --follow\n" +
			"  harmony-fleet apply --file thermostat.yaml",
		Args: knownCommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	p.options.flags(cmd.PersistentFlags())
	cmd.AddGroup(&cobra.Group{ID: groupLook, Title: "See how it stands:"}, &cobra.Group{ID: groupCommand, Title: "Command devices:"},
		&cobra.Group{ID: groupChange, Title: "Change what runs:"},
		&cobra.Group{ID: groupEnrol, Title: "Take devices in:"}, &cobra.Group{ID: groupHelp, Title: "Find your way:"})
	cmd.SetHelpCommandGroupID(groupHelp)
	cmd.SetCompletionCommandGroupID(groupHelp)
	explain := cli.Explain("harmony-fleet", pages, streams)
	explain.GroupID = groupHelp
	cmd.AddCommand(p.devices(), p.deployments(), p.describe(), p.ping(), p.logs(), p.exec(), p.restart(), p.inspect(), p.resync(),
		p.apply(), p.rollout(), p.revoke(), p.allow(), p.enroll(), p.joinToken(), p.enrollments(), p.approve(), p.deny(), p.issuerCommands(), explain)
	return cmd
}

// knownCommand refuses what is left of the command line when no command took it.
func knownCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	d := diag.New(diag.UnknownCommand, cmd.CommandPath()).Saw(fmt.Sprintf("%q is no command", args[0]))
	var names []string
	for _, c := range cmd.Commands() {
		if !c.Hidden {
			names = append(names, c.Name())
		}
	}
	for _, name := range diag.Near(args[0], names) {
		d.Try("did you mean " + name + "?")
	}
	return d.Try(cmd.CommandPath() + " --help")
}

// exactly refuses another number of arguments, and says what they are.
func exactly(n int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == n {
			return nil
		}
		return diag.New(diag.UnknownCommand, cmd.CommandPath()).Saw(fmt.Sprintf("it takes %s, and %d were given", what, len(args))).
			Try("write it like this:", cmd.UseLine())
	}
}
