// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/people"
	"nationtech.io/harmony/wait"
)

func (p *program) rollout() *cobra.Command {
	cmd := &cobra.Command{
		Use: "rollout", Short: "Wait until a Deployment is ready on its devices", GroupID: groupChange,
		Example: "  harmony-fleet rollout status thermostat", Args: knownCommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(p.rolloutStatus())
	return cmd
}

func (p *program) rolloutStatus() *cobra.Command {
	var limit time.Duration
	cmd := &cobra.Command{
		Use: "status NAME", Short: "Wait until every device that is online runs the release, or one has failed", Args: exactly(1, "the name of a Deployment"),
		Example: "  harmony-fleet rollout status thermostat --timeout 10m",
	}
	cmd.Flags().DurationVar(&limit, "timeout", 5*time.Minute, "how long to wait; 0s looks once")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		s, err := p.options.open()
		if err != nil {
			return err
		}
		d, err := s.settled(cmd.Context(), args[0], limit, func(now string) { fmt.Fprintln(p.streams.Err, now) })
		if err != nil {
			return err
		}
		fmt.Fprintln(p.streams.Out, counts(d))
		return nil
	}
	return cmd
}

// settled waits until a Deployment is ready, and says what changes meanwhile.
func (s *session) settled(ctx context.Context, name string, limit time.Duration, say func(string)) (d people.Deployment, err error) {
	said := ""
	look := func(ctx context.Context) (string, bool, error) {
		if err := s.get(ctx, s.deploymentPath(name), &d); err != nil {
			return "", false, err
		}
		if now := counts(d); now != said {
			said = now
			say(now)
		}
		if d.Failed > 0 || d.Matched == 0 {
			return "", false, s.unfinished(d)
		}
		return said, d.Pending == 0 && d.Ready > 0 && !d.Deleting, nil
	}
	if limit <= 0 {
		_, done, err := look(ctx)
		if err == nil && !done {
			err = s.unfinished(d)
		}
		return d, err
	}
	err = wait.Until(ctx, "Deployment "+name, wait.Pace{Limit: limit}, look)
	var found *diag.Diagnostic
	if err != nil && !errors.As(err, &found) {
		if ctx.Err() != nil {
			return d, diag.Ended(ctx)
		}
		return d, s.unfinished(d)
	}
	if found != nil {
		return d, found
	}
	return d, nil
}

func (s *session) unfinished(d people.Deployment) error {
	found := diag.New(diag.RolloutUnfinished, "Deployment "+d.Namespace+"/"+d.Name).Saw(counts(d))
	if d.LastError != nil {
		found.Saw("the last error: " + d.LastError.Device + ": " + d.LastError.Code + ": " + d.LastError.Message)
	}
	for i, l := range d.Devices {
		if i == shownFailures {
			break
		}
		found.Saw(l.Device + ": " + l.Reason.Code + ": " + l.Reason.Why)
	}
	return found.Try("harmony-fleet describe deployment " + d.Name + " --namespace " + d.Namespace)
}
