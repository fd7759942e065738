// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package faults

import (
	"context"
	"regexp"
	"time"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/e2e/faults/internal/victim"
)

// A Score is what is deployed.
type Score = victim.Score

// A Fault is one break, and what must be said of it. One without a code heals by itself, late.
type Fault struct {
	Name string
	// Nodes tells that it needs a cluster of two nodes that it may disturb: such faults run one after the other.
	Nodes bool
	// Score is what is deployed; Namespace and Label are set by who runs it.
	Score func(*Stage) Score
	// Before is done before the deploy, While beside it, After when all is over. Any may be nil.
	Before, While, After func(context.Context, *Stage) error
	// Place is where it is deployed, instead of the stage's own place.
	Place func(context.Context, *Stage) (victim.Place, error)

	Code  diag.Code
	Path  string         // is part of the Diagnostic's path
	Cause *regexp.Regexp // an output that matches names the cause; whoever wrote it
	Limit time.Duration  // of the deploy; 3 min when zero
}

// Heals tells that the deploy must end well.
func (f Fault) Heals() bool { return f.Code == "" }

// Manifest is what the fault's Score applies on a stage, as others read it; reference is what Reference gives.
func (f Fault) Manifest(s *Stage, reference string) ([]byte, error) {
	score := f.score(s)
	if score.Image != "" {
		reference = score.Image
	}
	return score.Manifest(reference)
}

// Reference makes the image of all faults' Scores be on the stage, and names it.
func Reference(ctx context.Context, s *Stage) (string, error) { return victim.Provide(ctx, s.Place) }

func (f Fault) score(s *Stage) Score {
	var score Score
	if f.Score != nil {
		score = f.Score(s)
	}
	score.Namespace = s.Namespace
	return score
}

// All is the matrix: what must be diagnosed, then what must heal.
func All() (all []Fault) {
	for _, part := range [][]Fault{containers(), references(), placing(), admission(), objects(), smoke(), reaching(), nodes(), healing()} {
		all = append(all, part...)
	}
	return all
}

func fixed(s Score) func(*Stage) Score { return func(*Stage) Score { return s } }

func says(text string) *regexp.Regexp { return regexp.MustCompile("(?is)" + text) }
