// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package harmony

import (
	"fmt"
	"strings"
	"time"

	"nationtech.io/harmony/event"
)

// A Standing is how a placement ended.
type Standing string

// The standings. Unchanged means that the place matched already and the smoke test
// passed; skipped, that it was not started because what it needs failed.
const (
	Done        Standing = "done"
	Unchanged   Standing = "unchanged"
	Failed      Standing = "failed"
	Skipped     Standing = "skipped"
	Interrupted Standing = "interrupted"
)

// A Report is what a run did, placement by placement, composites before their parts.
type Report struct {
	Verb       string        `json:"verb"`
	Started    time.Time     `json:"started"`
	Took       event.Seconds `json:"seconds"`
	Placements []Result      `json:"placements"`
}

// A Result is how one placement fared.
type Result struct {
	Path     []string      `json:"path"`
	Standing Standing      `json:"standing"`
	Because  string        `json:"because,omitempty"` // why it was skipped
	Changes  []Change      `json:"changes,omitempty"`
	Planned  []Planned     `json:"planned,omitempty"` // what a plan would do, and what it would leave
	Later    []string      `json:"later,omitempty"`   // what a plan cannot know before the apply
	Gone     []string      `json:"gone,omitempty"`    // what a removal took away
	Kept     []string      `json:"kept,omitempty"`    // what a removal left: data
	Shared   []string      `json:"shared,omitempty"`  // what a removal left to others who use it
	Facts    []string      `json:"facts,omitempty"`   // what was proved, in words
	Steps    []Step        `json:"steps,omitempty"`
	Took     event.Seconds `json:"seconds"`
	Err      error         `json:"-"` // Diagnostics below the placement's path
}

// A Step is one timed step of a placement. Converge stands inside interpret.
type Step struct {
	Name string        `json:"name"`
	Took event.Seconds `json:"seconds"`
}

// Changed tells whether any placement was changed.
func (r Report) Changed() bool {
	for _, p := range r.Placements {
		if len(p.Changes) > 0 || len(p.Gone) > 0 {
			return true
		}
	}
	return false
}

// Summary is the result in a few words: what was proved, else what was done, else why not.
func (r Result) Summary() string {
	switch {
	case r.Because != "":
		return r.Because
	case r.Err != nil:
		return ""
	case len(r.Facts) > 0:
		return strings.Join(r.Facts, " · ")
	case len(r.Gone)+len(r.Kept) > 0:
		return fmt.Sprintf("%d removed, %d kept", len(r.Gone), len(r.Kept))
	}
	var words []string
	for _, action := range []Action{Created, Updated, Repaired, Replaced, Deleted} {
		if n := count(r.Changes, action); n > 0 {
			words = append(words, fmt.Sprintf("%d %s", n, action))
		}
	}
	return strings.Join(words, ", ")
}

func count(changes []Change, action Action) (n int) {
	for _, c := range changes {
		if c.Action == action {
			n++
		}
	}
	return n
}
