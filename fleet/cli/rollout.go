// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/people"
	"nationtech.io/harmony/wait"
)

func (p *program) rollout() *cobra.Command {
	cmd := &cobra.Command{
		Use: "rollout", Short: "See how far a Deployment's newest release has come, pause it, go on, or go back", GroupID: groupChange,
		Example: "  harmony-fleet rollout status thermostat\n  harmony-fleet rollout pause thermostat\n  harmony-fleet rollout undo thermostat",
		Args:    knownCommand,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(p.rolloutStatus(), p.rolloutPause(), p.rolloutResume(), p.rolloutUndo())
	return cmd
}

func (p *program) rolloutStatus() *cobra.Command {
	var limit time.Duration
	cmd := &cobra.Command{
		Use: "status NAME", Short: "Wait until every device that is online runs the release, and say why it does not go on",
		Args:    exactly(1, "the name of a Deployment"),
		Example: "  harmony-fleet rollout status thermostat --timeout 10m\n  harmony-fleet rollout status thermostat --timeout 0s --output json",
	}
	known := p.options.outputs(cmd.Flags(), "text", "json")
	cmd.Flags().DurationVar(&limit, "timeout", 5*time.Minute, "how long to wait; 0s looks once")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := known(); err != nil {
			return err
		}
		s, err := p.options.open()
		if err != nil {
			return err
		}
		d, err := s.settled(cmd.Context(), args[0], limit, func(now string) { fmt.Fprintln(p.streams.Err, now) })
		if d.Name == "" {
			return err
		}
		if p.options.output == "json" {
			if unwritten := writeJSON(p.streams.Out, d); unwritten != nil {
				return unwritten
			}
			return err
		}
		if err == nil {
			fmt.Fprintln(p.streams.Out, counts(d))
			writeRollout(p.streams.Out, d.Rollout)
		}
		return err
	}
	return cmd
}

// lasting is for how long a person must be needed before a Deployment is no longer waited for: a device whose connection breaks
// while it fetches a content says that it failed, and tries again as soon as it is back.
const lasting = 5 * time.Second

// settled waits until a Deployment is ready, and says what it waits for whenever that changes. It ends early when a person must act.
func (s *session) settled(ctx context.Context, name string, limit time.Duration, say func(string)) (d people.Deployment, err error) {
	said, since := "", time.Time{}
	look := func(ctx context.Context) (string, bool, error) {
		d = people.Deployment{}
		if err := s.get(ctx, s.deploymentPath(name), &d); err != nil {
			return "", false, err
		}
		now := counts(d)
		if !stuck(d) || d.Generation < d.Latest {
			since = time.Time{}
		} else if since.IsZero() {
			since = time.Now()
		}
		switch {
		case d.Generation < d.Latest:
			now = untaken(d)
		case d.Matched == 0 || stuck(d) && (limit <= 0 || time.Since(since) >= s.lasting):
			return "", false, s.unfinished(d)
		case finished(d):
			return now, true, nil // how it ended is for who asked to say
		case d.Rollout != nil:
			now += "; " + d.Rollout.Reason.Why
		}
		if now != said {
			said = now
			say(now)
		}
		return said, false, nil
	}
	if limit <= 0 {
		say = func(string) {} // it waits for nothing
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

func finished(d people.Deployment) bool {
	return d.Pending == 0 && d.Failed == 0 && d.Ready > 0 && !d.Deleting && (d.Rollout == nil || !d.Rollout.GoesOn())
}

// stuck tells whether a person must act. While a rollout goes on by itself, it has not failed because a device has.
func stuck(d people.Deployment) bool {
	if d.Rollout == nil || d.Rollout.Reason.Code == people.RolloutComplete {
		return d.Failed > 0
	}
	return !d.Rollout.GoesOn()
}

// untaken says that all that is known is of what was before.
func untaken(d people.Deployment) string {
	return fmt.Sprintf("the operator has not taken generation %d yet", d.Latest)
}

func (s *session) unfinished(d people.Deployment) error {
	found := diag.New(diag.RolloutUnfinished, "Deployment "+d.Namespace+"/"+d.Name).Saw(counts(d))
	if d.Generation < d.Latest {
		return found.Saw(untaken(d)).Try("see whether it is refused:", "kubectl --namespace "+d.Namespace+" describe fleetdep "+d.Name)
	}
	if r := d.Rollout; r != nil {
		found.Saw("the rollout: " + r.Reason.Code + ": " + r.Reason.Why)
		if r.Reason.Next != "" {
			found.Try(r.Reason.Next)
		}
	}
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

// writeRollout says how far a rollout is, and why it waits.
func writeRollout(w io.Writer, r *people.Rollout) {
	if r == nil {
		return
	}
	reason(w, "rollout", r.Reason)
	for _, of := range r.Releases {
		fmt.Fprintf(w, "    release %d (%.12s): %d devices are told it\n", of.Release, of.Digest, of.Devices)
	}
}
