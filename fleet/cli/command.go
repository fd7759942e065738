// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/people"
)

// An asking is a command line that asks devices.
type asking struct {
	*program
	verb       string
	selector   string
	deployment string
	service    string
	limit      time.Duration
	known      func() error
	events     []people.Event
	unanswered []people.Event
}

// asks makes a command that asks devices. workload is true for those that are about one.
func (p *program) asks(verb, short, example string, workload bool, limit time.Duration) (*cobra.Command, *asking) {
	a := &asking{program: p, verb: verb}
	cmd := &cobra.Command{
		Use: verb + " DEVICE...", Short: short, Example: example, GroupID: groupCommand, ValidArgsFunction: p.completeDevices(0),
	}
	fs := cmd.Flags()
	a.known = p.options.outputs(fs, "text", "json")
	fs.StringVarP(&a.selector, "selector", "l", "", "devices with these labels, beside those that are named")
	fs.DurationVar(&a.limit, "limit", limit, "how long answers are waited for, "+people.MaxLimit.String()+" at most")
	if workload {
		fs.StringVarP(&a.deployment, "deployment", "d", "", "the Deployment (default: the one that the device has)")
		fs.StringVarP(&a.service, "service", "c", "", "one of its services")
	}
	return cmd, a
}

// command is what the operator is asked.
func (a *asking) command(devices []string) (people.Command, error) {
	if len(devices) == 0 && a.selector == "" && a.deployment == "" {
		return people.Command{}, diag.New(diag.UnknownCommand, "harmony-fleet "+a.verb).Saw("no device is named").
			Try("name devices, or choose them by their labels:", "harmony-fleet "+a.verb+" --selector site=lyon")
	}
	if a.limit < time.Second || a.limit > people.MaxLimit {
		return people.Command{}, diag.New(diag.BadFlag, "--limit").Saw(fmt.Sprintf("%s is not between 1s and %s", a.limit, people.MaxLimit))
	}
	c := people.Command{
		Verb: a.verb, Devices: devices, Selector: a.selector, Deployment: a.deployment, Service: a.service, LimitSeconds: int(a.limit / time.Second),
	}
	if a.deployment != "" {
		c.Namespace = a.options.in()
	}
	return c, nil
}

// run asks, shows each event, and ends with an error when a device did not do what it was asked.
func (a *asking) run(ctx context.Context, c people.Command, show func(people.Event) error) (people.Summary, error) {
	if err := a.known(); err != nil {
		return people.Summary{}, err
	}
	s, err := a.options.open()
	if err != nil {
		return people.Summary{}, err
	}
	sum, err := s.command(ctx, c, func(e people.Event) error {
		if e.Error != nil {
			a.unanswered = append(a.unanswered, e)
		}
		if a.options.output == "json" {
			a.events = append(a.events, e)
			return nil
		}
		return show(e)
	})
	if err != nil {
		return sum, err
	}
	if a.options.output == "json" {
		if err := writeJSON(a.streams.Out, struct {
			Events  []people.Event `json:"events"`
			Summary people.Summary `json:"summary"`
		}{append([]people.Event{}, a.events...), sum}); err != nil {
			return sum, err
		}
	}
	return sum, a.failure(sum)
}

const shownFailures = 10

// failure tells of the devices that did not do what they were asked.
func (a *asking) failure(sum people.Summary) error {
	if len(a.unanswered) == 0 {
		return nil
	}
	d := diag.New(diag.CommandUnanswered, a.verb).Saw(fmt.Sprintf("%d asked, %d answered, %d offline, %d failed", sum.Asked, sum.Answered, sum.Offline, sum.Failed))
	for i, e := range a.unanswered {
		if i == shownFailures {
			d.Saw(fmt.Sprintf("and %d more; --output json has them all", len(a.unanswered)-i))
			break
		}
		text := e.Device + ": " + e.Error.Kind
		if e.Error.Code != "" {
			text += " (" + e.Error.Code + ")"
		}
		d.Saw(text + ": " + e.Error.Message)
	}
	if sum.Asked == 1 {
		d.Try("harmony-fleet describe device " + a.unanswered[0].Device)
	}
	return d.Note("request " + sum.Request + " in the logs of the operator and of the devices")
}
