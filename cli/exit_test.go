// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package cli_test

import (
	"errors"
	"fmt"
	"io/fs"
	"testing"

	"nationtech.io/harmony"
	"nationtech.io/harmony/cli"
	"nationtech.io/harmony/diag"
)

func failed(step string, code diag.Code) error {
	return &harmony.Failure{Verb: "deploy", Placements: []*harmony.PlacementError{{Step: step, Err: diag.New(code)}}}
}

func TestAnExitCodeTellsWhatScriptsMustKnow(t *testing.T) {
	smoke := failed(harmony.StepSmokeTest, diag.NobodyAnswered)
	for _, c := range []struct {
		name string
		err  error
		want int
	}{
		{"nothing went wrong", nil, cli.ExitDone},
		{"a step failed", failed(harmony.StepInterpret, diag.NotReady), cli.ExitFailed},
		{"a step failed for a reason that is else found before", failed(harmony.StepInterpret, diag.BadPlacement), cli.ExitFailed},
		{"a smoke test failed", smoke, cli.ExitSmoke},
		{"a smoke test failed, and the events' file too", errors.Join(smoke, fs.ErrClosed), cli.ExitSmoke},
		{"all went well, but the result could not be written", fs.ErrClosed, cli.ExitFailed},
		{"a plan has a finding", &harmony.Failure{Verb: "plan", Placements: []*harmony.PlacementError{{Step: harmony.StepPlan, Err: diag.New(diag.NotOurs)}}}, cli.ExitPreflight},
		{"a preflight has a finding", &harmony.Failure{Verb: harmony.StepPreflight, Placements: []*harmony.PlacementError{{Step: harmony.StepPreflight, Err: diag.New(diag.Immutable)}}}, cli.ExitPreflight},
		{"another run is at work", diag.New(diag.PlaceBusy), cli.ExitPreflight},
		{"a step failed, and then it was interrupted", errors.Join(failed(harmony.StepInterpret, diag.NotReady), diag.New(diag.Interrupted)), cli.ExitInterrupted},
		{"interrupted in a step", failed(harmony.StepSmokeTest, diag.Interrupted), cli.ExitInterrupted},
		{"interrupted before any step", diag.New(diag.Interrupted), cli.ExitInterrupted},
		{"placements contradict each other", diag.New(diag.PlacedTwice), cli.ExitPreflight},
		{"a flag that cannot be used", fmt.Errorf("read flags: %w", diag.New(diag.BadFlag)), cli.ExitUsage},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := cli.ExitCode(c.err); got != c.want {
				t.Errorf("got %d, want %d", got, c.want)
			}
		})
	}
}
