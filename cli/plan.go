// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"errors"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"nationtech.io/harmony"
	"nationtech.io/harmony/diag"
)

// errDiffers is no failure: a plan or a look for drift has found something. Nothing is shown of it; it is the exit code.
var errDiffers = errors.New("what stands differs from what is wanted")

// diagnostics are those of an error, without what is none.
func diagnostics(err error) []*diag.Diagnostic {
	return slices.DeleteFunc(diag.All(err), func(d *diag.Diagnostic) bool { return errors.Is(d, errDiffers) })
}

func (a App) planCommand(streams Streams) *cobra.Command {
	replace := false
	flags := func(fs *pflag.FlagSet) { replaceFlag(fs, &replace) }
	return a.family("plan", "Show what a deploy would change, and change nothing",
		"Every object with what would be done: + create, ~ update or repair, -/+ replace, - delete; fields as they are and as\n"+
			"they would be. Secrets are not shown, only that they change. Needs to read and to dry-run, no more.\n"+
			"Exit code 0 means that nothing would change, 10 that something would, 3 that a deploy would be refused.",
		verb{"planning %s on %s", false, func(ctx context.Context, s *session, ps ...*harmony.Placement) (harmony.Report, error) {
			s.run.Replace = replace
			return s.run.Plan(ctx, ps...)
		}, (*session).plan}, flags, streams)
}

func (a App) driftCommand(streams Streams) *cobra.Command {
	return a.family("drift", "Show what someone changed behind Harmony's back, and change nothing",
		"By object and field, with who wrote it and when, where the cluster knows. The next deploy puts it right. Give the flags\n"+
			"that it was deployed with. Exit code 0 means that there is no drift, 10 that there is some.",
		verb{"looking for drift of %s on %s", false, func(ctx context.Context, s *session, ps ...*harmony.Placement) (harmony.Report, error) {
			return s.run.Plan(ctx, ps...)
		}, (*session).drift}, nil, streams)
}

// plan writes a plan to standard output.
func (s *session) plan(report harmony.Report, err error) error {
	if err := s.planned(report, err); err != nil {
		return err
	}
	return differs(err, report.Plans())
}

// drift writes only what someone else has changed.
func (s *session) drift(report harmony.Report, err error) error {
	for i := range report.Placements {
		r := &report.Placements[i]
		r.Planned = slices.DeleteFunc(r.Planned, func(o harmony.Planned) bool { return !o.Drift() })
		r.Later = nil
	}
	report.Verb = "drift"
	if err := s.planned(report, err); err != nil {
		return err
	}
	return differs(err, report.Plans())
}

func differs(failed error, does bool) error {
	if failed == nil && does {
		return errDiffers
	}
	return nil
}

// planned writes a report of what would be done.
func (s *session) planned(report harmony.Report, err error) error {
	if s.common.output == "json" {
		return s.json(report, err)
	}
	tree(s.streams.Out, s.look, report)
	return nil
}
