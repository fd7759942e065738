// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/event"
	"nationtech.io/harmony/fleet/people"
)

const askLimit = 10 * time.Second

func (p *program) ping() *cobra.Command {
	cmd, a := p.asks("ping", "Ask devices whether they live, and how long an answer takes",
		"  harmony-fleet ping press-07\n  harmony-fleet ping --selector site=lyon", false, askLimit)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		c, err := a.command(args)
		if err != nil {
			return err
		}
		var took []float64
		sum, err := a.run(cmd.Context(), c, func(e people.Event) error {
			var pong people.Pong
			if e.Answer != nil {
				if err := json.Unmarshal(e.Answer, &pong); err != nil {
					return err
				}
				took = append(took, pong.Seconds)
			}
			return nil
		})
		if sum.Asked > 0 && a.options.output != "json" {
			fmt.Fprintln(p.streams.Out, pinged(sum, took))
		}
		return err
	}
	return cmd
}

func pinged(sum people.Summary, took []float64) string {
	text := fmt.Sprintf("%d asked, %d answered", sum.Asked, sum.Answered)
	slices.Sort(took)
	if n := len(took); n > 0 {
		human := func(seconds float64) string { return event.Human(time.Duration(seconds * float64(time.Second))) }
		text += fmt.Sprintf(" (p50 %s, p99 %s)", human(took[(n-1)/2]), human(took[(n-1)*99/100]))
	}
	return fmt.Sprintf("%s, %d offline, %d failed", text, sum.Offline, sum.Failed)
}

func (p *program) logs() *cobra.Command {
	cmd, a := p.asks("logs", "Show what a service says, at most of 8 devices at a time",
		"  harmony-fleet logs press-07\n  harmony-fleet logs press-07 --deployment thermostat --service main --follow", true, askLimit)
	follow := cmd.Flags().BoolP("follow", "f", false, "go on until interrupted, or for "+people.MaxLimit.String())
	tail := cmd.Flags().Int("tail", 100, "how many of the last lines are shown first, 1 to 10000")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if *follow && !cmd.Flags().Changed("limit") {
			a.limit = people.MaxLimit
		}
		c, err := a.command(args)
		if err != nil {
			return err
		}
		c.Follow, c.Tail = *follow, *tail
		many := len(args) != 1
		start := time.Now()
		_, err = a.run(cmd.Context(), c, func(e people.Event) error { return p.piece(e, many) })
		if *follow && cmd.Context().Err() != nil {
			err = nil // which is how following ends
		} else if err == nil && *follow && time.Since(start) > a.limit-time.Second {
			fmt.Fprintf(p.streams.Err, "logs are followed for %s at a time: run it again to go on\n", a.limit)
		}
		return err
	}
	return cmd
}

// piece shows a piece of a log.
func (p *program) piece(e people.Event, many bool) error {
	if e.Lost > 0 {
		fmt.Fprintf(p.streams.Err, "%s: %d pieces or bytes of the log were lost on the way\n", e.Device, e.Lost)
	}
	if many && len(e.Output) > 0 {
		fmt.Fprintf(p.streams.Out, "==> %s <==\n", e.Device)
	}
	_, err := p.streams.Out.Write(e.Output)
	return err
}

func (p *program) exec() *cobra.Command {
	cmd, a := p.asks("exec", "Run a program within a service, if the device's own configuration allows that program",
		"  harmony-fleet exec press-07 -- /bin/thermostat status\n  harmony-fleet exec --deployment thermostat -- /bin/thermostat status", true, askLimit)
	cmd.Use = "exec DEVICE... -- PROGRAM [ARGUMENT...]"
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		at := cmd.ArgsLenAtDash()
		if at < 0 || at == len(args) {
			return diag.New(diag.UnknownCommand, cmd.CommandPath()).Saw("there is no program to run").Try("put it after two dashes:", cmd.UseLine())
		}
		c, err := a.command(args[:at])
		if err != nil {
			return err
		}
		c.Argv = args[at:]
		var ended []string
		_, err = a.run(cmd.Context(), c, func(e people.Event) error {
			var x people.Exec
			if e.Answer == nil {
				return nil
			}
			if err := json.Unmarshal(e.Answer, &x); err != nil {
				return err
			}
			if x.ExitCode != 0 {
				ended = append(ended, fmt.Sprintf("%s: it ended with exit code %d", e.Device, x.ExitCode))
			}
			if x.Truncated {
				fmt.Fprintf(p.streams.Err, "%s: it said more than a device sends; this is the beginning\n", e.Device)
			}
			return p.piece(people.Event{Device: e.Device, Output: x.Output}, at != 1)
		})
		if err == nil && len(ended) > 0 {
			d := diag.New(diag.CommandUnanswered, a.verb)
			for _, text := range ended {
				d.Saw(text)
			}
			return d
		}
		return err
	}
	return cmd
}

func (p *program) restart() *cobra.Command {
	cmd, a := p.asks("restart", "Stop and start the services of a Deployment on devices",
		"  harmony-fleet restart press-07 --deployment thermostat", true, time.Minute)
	cmd.RunE = a.simple("restarted")
	return cmd
}

func (p *program) resync() *cobra.Command {
	cmd, a := p.asks("resync", "Have devices report anew, and fetch what they are told", "  harmony-fleet resync press-07", false, askLimit)
	cmd.RunE = a.simple("reports anew")
	return cmd
}

// simple asks for what has no answer but that it was done.
func (a *asking) simple(done string) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		c, err := a.command(args)
		if err != nil {
			return err
		}
		_, err = a.run(cmd.Context(), c, func(e people.Event) error {
			if e.Error == nil {
				fmt.Fprintf(a.streams.Out, "%s: %s\n", e.Device, done)
			}
			return nil
		})
		return err
	}
}

func (p *program) inspect() *cobra.Command {
	cmd, a := p.asks("inspect", "Show the containers of a Deployment as podman has them on devices",
		"  harmony-fleet inspect press-07 --deployment thermostat", true, askLimit)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		c, err := a.command(args)
		if err != nil {
			return err
		}
		rows := [][]string{{"DEVICE", "RELEASE", "PHASE", "CONTAINER", "IMAGE", "STATE", "EXIT", "RESTARTS"}}
		_, err = a.run(cmd.Context(), c, func(e people.Event) error {
			var i people.Inspection
			if e.Answer == nil {
				return nil
			}
			if err := json.Unmarshal(e.Answer, &i); err != nil {
				return err
			}
			for _, of := range i.Containers {
				state := of.State
				if of.Health != "" {
					state += " (" + of.Health + ")"
				}
				rows = append(rows, []string{e.Device, fmt.Sprint(i.Release), i.Phase, of.Name, of.Image, state, fmt.Sprint(of.ExitCode), fmt.Sprint(of.Restarts)})
			}
			return nil
		})
		if a.options.output != "json" && len(rows) > 1 {
			if written := table(p.streams.Out, rows...); written != nil {
				return written
			}
		}
		return err
	}
	return cmd
}
