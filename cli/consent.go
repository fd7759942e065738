// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bufio"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"nationtech.io/harmony"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/event"
)

// A consent is what a deploy asks for before it changes anything.
type consent struct{ plan, yes, replace bool }

func (c *consent) flags(fs *pflag.FlagSet) {
	fs.BoolVar(&c.plan, "plan", false, "show what would change, and ask before anything does")
	fs.BoolVar(&c.yes, "yes", false, "with --plan: do not ask")
	replaceFlag(fs, &c.replace)
}

func replaceFlag(fs *pflag.FlagSet, replace *bool) {
	fs.BoolVar(replace, "replace", false, "where a field cannot be changed on what stands, delete the object and make it anew")
}

// check refuses, before a place is opened, what could not be asked or answered.
func (c *consent) check(streams Streams) error {
	switch {
	case c.yes && !c.plan:
		return diag.New(diag.BadFlag, "--yes").Saw("nothing is asked without --plan")
	case c.plan && !c.yes && !streams.CanAsk():
		return diag.New(diag.BadFlag, "--plan").Saw("there is no terminal to ask at").
			Try("look at the plan alone, with the verb plan, or let the deploy go on without asking:", "--plan --yes")
	}
	return nil
}

// deploy deploys, after a plan that was agreed to when that is asked for.
func (c *consent) deploy(ctx context.Context, s *session, ps ...*harmony.Placement) (harmony.Report, error) {
	run := s.run
	run.Replace = c.replace
	if c.plan {
		reading, cancel := untilStop(ctx)
		defer cancel()
		if report, err := c.agreed(reading, s, ps); err != nil {
			return report, err
		}
	}
	return run.Deploy(ctx, ps...)
}

// agreed shows the plan and returns nil when it may be carried out: somebody said so, and the world is as it was
// when the plan was drawn up. Nothing but a "yes" is errDiffers.
func (c *consent) agreed(ctx context.Context, s *session, ps []*harmony.Placement) (harmony.Report, error) {
	run := s.run
	run.Replace = c.replace
	shown, err := run.Plan(ctx, ps...)
	tree(s.streams.Err, s.look, shown)
	if err != nil {
		return harmony.Report{Verb: "deploy"}, err
	}
	if c.yes || !shown.Plans() && !open(shown) {
		return shown, nil
	}
	if err := s.ask(ctx); err != nil {
		return harmony.Report{Verb: "deploy"}, err
	}
	run.Events = nil // it is the same once more
	again := event.Begin(event.Into(ctx, s.run.Events), "look again")
	now, err := run.Plan(ctx, ps...)
	again(err)
	if err == nil && !shown.SamePlan(now) {
		tree(s.streams.Err, s.look, now)
		err = diag.New(diag.PlanOvertaken).Saw("the last plan above is what would be done now").
			Note("nothing was changed").Try("look at it, and run the same again")
	}
	return harmony.Report{Verb: "deploy"}, err
}

// open tells whether the plan leaves something open, which may be a change.
func open(plan harmony.Report) bool {
	return slices.ContainsFunc(plan.Placements, func(r harmony.Result) bool { return len(r.Later) > 0 })
}

// CanAsk tells whether there is a terminal to ask at.
func (s Streams) CanAsk() bool { return isTerminal(s.In) }

// Ask returns nil when somebody at the terminal says yes. Another answer is an error that shows nothing; its exit code is ExitDiffers.
func (s Streams) Ask(ctx context.Context) error {
	fmt.Fprint(s.Err, "Do that? (yes or no) ")
	answer := make(chan string, 1)
	go func() { // a read from a terminal cannot be interrupted: it ends with the program
		text, _ := bufio.NewReader(s.In).ReadString('\n')
		answer <- strings.TrimSpace(text)
	}()
	select {
	case text := <-answer:
		if text == "yes" {
			return nil
		}
		fmt.Fprintln(s.Err, "nothing was changed")
		return errDiffers
	case <-ctx.Done():
		return diag.Ended(ctx).Note("nothing was changed")
	}
}
