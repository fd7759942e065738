// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package event

import (
	"cmp"
	"strconv"
	"time"
)

// An Event is one of the types below.
type Event interface{ kind() string }

// RunStarted opens a run: the verb, and the names of what was asked for.
type RunStarted struct {
	Verb  string   `json:"verb"`
	Names []string `json:"names"`
}

// StepStarted opens a step of one placement: interpret, converge, smoke test, remove, …
type StepStarted struct {
	Step string `json:"step"`
}

// Progress tells how far a long piece of work is; Total is 0 when nobody knows.
type Progress struct {
	Text  string `json:"text"`
	Done  int    `json:"done,omitempty"`
	Total int    `json:"total,omitempty"`
}

// Waiting tells what is being waited for and what was seen last. Where that was found deeper, Below leads there, as
// from a StatefulSet to a Pod and its container, and Reason is the rest of Saw.
type Waiting struct {
	For    string   `json:"for"`
	Saw    string   `json:"saw,omitempty"`
	Below  []string `json:"below,omitempty"`
	Reason string   `json:"reason,omitempty"`
}

func (w Waiting) reason() string { return cmp.Or(w.Reason, w.Saw) }

// Changed tells that one object was created, updated, repaired or deleted. Namespace is empty for what is in none.
type Changed struct {
	Action    string `json:"action"`
	Object    string `json:"object"`
	Namespace string `json:"namespace,omitempty"`
	Detail    string `json:"detail,omitempty"`
}

// Fact is something true that was observed, for a person to read: what a smoke test proved.
type Fact struct {
	Text string `json:"text"`
}

// Notice tells what the run goes on without, or in spite of.
type Notice struct {
	Text string `json:"text"`
}

// Stopping tells that the run was interrupted: it starts no new step, and those under way go on to their end.
type Stopping struct{}

// StepEnded closes a step.
type StepEnded struct {
	Step string  `json:"step"`
	Took Seconds `json:"seconds"`
	Err  error   `json:"-"`
}

// PlacementEnded closes one placement: done, unchanged, failed or skipped.
type PlacementEnded struct {
	Standing string  `json:"standing"`
	Summary  string  `json:"summary,omitempty"`
	Took     Seconds `json:"seconds"`
	Err      error   `json:"-"`
}

// RunEnded closes a run.
type RunEnded struct {
	Verb string  `json:"verb"`
	Took Seconds `json:"seconds"`
	Err  error   `json:"-"`
}

func (RunStarted) kind() string     { return "run-started" }
func (StepStarted) kind() string    { return "step-started" }
func (Progress) kind() string       { return "progress" }
func (Waiting) kind() string        { return "waiting" }
func (Changed) kind() string        { return "changed" }
func (Fact) kind() string           { return "fact" }
func (Notice) kind() string         { return "notice" }
func (Stopping) kind() string       { return "stopping" }
func (StepEnded) kind() string      { return "step-ended" }
func (PlacementEnded) kind() string { return "placement-ended" }
func (RunEnded) kind() string       { return "run-ended" }

// Seconds is a duration that is written as a number of seconds.
type Seconds time.Duration

// MarshalJSON writes seconds with milliseconds.
func (s Seconds) MarshalJSON() ([]byte, error) {
	return []byte(seconds(time.Duration(s))), nil
}

// UnmarshalJSON reads what MarshalJSON has written.
func (s *Seconds) UnmarshalJSON(text []byte) error {
	number, err := strconv.ParseFloat(string(text), 64)
	*s = Seconds(number * float64(time.Second))
	return err
}
