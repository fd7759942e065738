// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"nationtech.io/harmony"
	"nationtech.io/harmony/diag"
)

// A verb is what can be done with a component.
type verb struct {
	says   string // of a component and a topology, before it begins
	writes bool   // an interrupt lets the steps that are under way end
	do     func(context.Context, *session, ...*harmony.Placement) (harmony.Report, error)
	show   func(*session, harmony.Report, error) error
}

var verifying = verb{"verifying %s on %s", false, func(ctx context.Context, s *session, ps ...*harmony.Placement) (harmony.Report, error) {
	return s.run.Verify(ctx, ps...)
}, (*session).report}

// component makes the command that does one verb with one component.
func (a App) component(c Component, prefix string, v verb, streams Streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:     c.Name,
		Short:   c.What,
		Args:    cobra.NoArgs,
		Example: fmt.Sprintf("  %s %s%s --topology %s %s", a.Name, prefix, c.Name, a.Topologies[0].Name, c.Example),
	}
	common := a.commonFlags(cmd.Flags())
	common.bundleFlag(cmd.Flags())
	offer := c.Bind(cmd.Flags())
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return a.do(cmd.Context(), common, offer, v, streams)
	}
	return cmd
}

func (a App) do(ctx context.Context, c *common, offer func(string) (harmony.Offer, error), v verb, streams Streams) error {
	if err := c.check(); err != nil {
		return err
	}
	o, err := offer(c.namespace)
	if err != nil {
		return flagged(err)
	}
	s, err := a.begin(ctx, c, streams)
	if err != nil {
		return err
	}
	placement, err := o.OnAny(s.place)
	if err != nil {
		return errors.Join(err, s.end())
	}
	fmt.Fprintf(streams.Err, v.says+" (%s, namespace %s)\n", o.Name(), s.place.Name(), s.place.Target(), c.namespace)
	if v.writes {
		s.run.Stop = stop(ctx)
	} else {
		var cancel context.CancelFunc
		ctx, cancel = untilStop(ctx)
		defer cancel()
	}
	report, err := v.do(ctx, s, placement)
	return errors.Join(err, v.show(s, report, err), s.conclude(report, err), s.end())
}

func flagged(err error) error {
	var f *FlagError
	if errors.As(err, &f) {
		return f.diagnostic()
	}
	return err
}

// deployCommands are one command for each component.
func (a App) deployCommands(streams Streams) (all []*cobra.Command) {
	for _, c := range a.Components {
		may := &consent{}
		cmd := a.component(c, "", verb{"deploying %s to %s", true, may.deploy, (*session).report}, streams)
		may.flags(cmd.Flags())
		cmd.PreRunE = func(*cobra.Command, []string) error { return may.check(streams) }
		cmd.GroupID = groupComponents
		cmd.Long = c.What + ".\n\nReturns when its smoke test has passed. Run it again at any time: what matches is left alone, what\n" +
			"someone edited or deleted is repaired and named.\n\nNeeds of a place: " + strings.Join(a.needs(c), ", ") + "."
		if a.Export != nil {
			cmd.AddCommand(a.chartOf(c, streams))
		}
		all = append(all, cmd)
	}
	return all
}

func (a App) verifyCommand(streams Streams) *cobra.Command {
	return a.family("verify", "Run the smoke tests of what stands, and change nothing",
		"Exit code 4 means that a component stands, but does not work. Give the flags that it was deployed with.", verifying, nil, streams)
}

func (a App) removeCommand(streams Streams) *cobra.Command {
	purge := false
	removing := verb{"removing %s from %s", true, func(ctx context.Context, s *session, ps ...*harmony.Placement) (harmony.Report, error) {
		s.run.Purge = purge
		return s.run.Remove(ctx, ps...)
	}, (*session).report}
	flags := func(fs *pflag.FlagSet) {
		fs.BoolVar(&purge, "purge", false, "delete data too: volume claims and generated credentials")
	}
	return a.family("remove", "Take a component away",
		"Data (volume claims and generated credentials) is kept and listed; --purge deletes it too. The namespace goes only\n"+
			"when Harmony made it and nothing else is left in it.", removing, flags, streams)
}

// family is a command with one command below it for each component. What changes nothing takes the whole when
// none is named; remove does not guess.
func (a App) family(name, short, long string, v verb, flags func(*pflag.FlagSet), streams Streams) *cobra.Command {
	cmd := &cobra.Command{Use: name + " COMPONENT", Short: short, Long: short + ".\n\n" + long, GroupID: groupStanding}
	for _, c := range a.Components {
		one := a.component(c, name+" ", v, streams)
		if flags != nil {
			flags(one.Flags())
		}
		cmd.AddCommand(one)
		if name != "remove" && c.Name == a.Whole {
			cmd.Use = name + " [COMPONENT]"
			whole := a.component(c, name+" ", v, streams)
			if flags != nil {
				flags(whole.Flags())
			}
			cmd.RunE = whole.RunE
			cmd.Flags().AddFlagSet(whole.Flags())
			cmd.Args = a.knownComponent
		}
	}
	if cmd.RunE == nil {
		cmd.FParseErrWhitelist.UnknownFlags = true
		cmd.Args = a.knownComponent
		cmd.RunE = func(cmd *cobra.Command, _ []string) error { return a.noComponent(cmd) }
	}
	return cmd
}

func (a App) componentNames() (names []string) {
	for _, c := range a.Components {
		names = append(names, c.Name)
	}
	return names
}

func (a App) needs(c Component) []string {
	offer, err := c.Bind(pflag.NewFlagSet("", pflag.ContinueOnError))(a.Namespace)
	if err != nil {
		return nil
	}
	return offer.Needs()
}

func (a App) noComponent(cmd *cobra.Command) error {
	return diag.New(diag.UnknownComponent, cmd.Name()).Saw("no component is named").
		Try("name one of: "+strings.Join(a.componentNames(), ", "), cmd.CommandPath()+" --help")
}

// knownComponent refuses what is left of the command line when no component took it.
func (a App) knownComponent(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	d := diag.New(diag.UnknownComponent, cmd.Name()).Saw(fmt.Sprintf("%q is not a component", args[0]))
	cmd.SuggestionsMinimumDistance = 2 // letters, as cobra has it for commands that it does not find
	for _, near := range cmd.SuggestionsFor(args[0]) {
		d.Try("did you mean " + near + "?")
	}
	return d.Try("the components are: " + strings.Join(a.componentNames(), ", "))
}
