// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"nationtech.io/harmony"
	"nationtech.io/harmony/diag"
)

// shelf is a place that holds one thing.
type shelf struct {
	holds string
	draft *harmony.Draft
}

type shelves interface{ Shelf() *shelf }

func (s *shelf) Name() string  { return "shelf" }
func (s *shelf) Shelf() *shelf { return s }

func (s *shelf) Planning(d *harmony.Draft) harmony.Topology { return &shelf{s.holds, d} }

// book wants to be the thing.
type book string

func (b book) Name() string { return "book" }

func (b book) Interpret(_ context.Context, on shelves) (harmony.Outcome, error) {
	s := on.Shelf()
	if s.holds == string(b) {
		return harmony.Outcome{}, nil
	}
	if s.draft != nil {
		s.draft.Note(harmony.Planned{Intent: harmony.Replace, Object: s.holds})
	} else {
		s.holds = string(b)
	}
	return harmony.Outcome{}, nil
}

func (book) SmokeTest(context.Context, shelves) error { return nil }

func TestADeployWithAPlanDoesWhatWasAgreedToAndNothingElse(t *testing.T) {
	for name, c := range map[string]struct {
		flags consent
		ask   func(*shelf) error
		want  string // what is on the shelf then
		code  diag.Code
		err   error
	}{
		"yes":                        {consent{plan: true}, func(*shelf) error { return nil }, "new", "", nil},
		"no":                         {consent{plan: true}, func(*shelf) error { return errDiffers }, "old", "", errDiffers},
		"not asked":                  {consent{plan: true, yes: true}, nil, "new", "", nil},
		"without a plan":             {consent{}, nil, "new", "", nil},
		"yes, but to something else": {consent{plan: true}, func(s *shelf) error { s.holds = "another"; return nil }, "another", diag.PlanOvertaken, nil},
	} {
		t.Run(name, func(t *testing.T) {
			place, out := &shelf{holds: "old"}, &bytes.Buffer{}
			s := &session{streams: Streams{Out: out, Err: out}, ask: func(context.Context) error { return c.ask(place) }}
			_, err := c.flags.deploy(t.Context(), s, harmony.Place(book("new")).On(shelves(place)))
			var d *diag.Diagnostic
			switch found := errors.As(err, &d); {
			case place.holds != c.want:
				t.Errorf("the shelf holds %q", place.holds)
			case found && d.Code != c.code, !found && !errors.Is(err, c.err):
				t.Errorf("the error is %v", err)
			}
			if c.flags.plan && !strings.Contains(out.String(), "-/+ old") {
				t.Errorf("no plan is shown:\n%s", out)
			}
		})
	}
}

func TestWhatCannotBeAskedIsRefusedBeforeAPlaceIsOpened(t *testing.T) {
	for name, c := range map[string]struct {
		flags   consent
		refused bool
	}{
		"--yes where nothing is asked": {consent{yes: true}, true},
		"--plan without a terminal":    {consent{plan: true}, true},
		"--plan --yes":                 {consent{plan: true, yes: true}, false},
		"neither":                      {consent{}, false},
	} {
		err := c.flags.check(Streams{In: strings.NewReader("yes\n")})
		var d *diag.Diagnostic
		if refused := errors.As(err, &d) && d.Code == diag.BadFlag; refused != c.refused || err != nil && !refused {
			t.Errorf("%s: %v", name, err)
		}
	}
}
