// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package event

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// A Board keeps how a run stands, for whoever shows it: a tree of rows. It is empty before a run and after it.
type Board struct {
	mu       sync.Mutex
	rows     []*Row // in the order in which they were heard of
	stopping bool
}

// A Row is one placement; the one without a path is the opening of a place.
type Row struct {
	Path  []string
	Steps []Begun // that are under way, outermost first
	Doing Doing
	Ended *PlacementEnded // nil: it has not
}

// Begun is a step that is under way.
type Begun struct {
	Step  string
	Since time.Time
}

// Doing is what a step is at: a wait for the object For, or a piece of work, in which case For is empty.
type Doing struct {
	For   string
	Below []string // where below For the reason was found
	Text  string
	Since time.Time
}

// String is the whole in one line.
func (d Doing) String() string {
	if d.For == "" {
		return d.Text
	}
	return strings.TrimSuffix(strings.Join(append(append([]string{d.For}, d.Below...), d.Text), ": "), ": ")
}

// Emit notes the event.
func (b *Board) Emit(r Record) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := r.Event.(type) {
	case RunStarted:
		b.clear()
		for _, name := range e.Names {
			b.row([]string{name})
		}
	case RunEnded:
		b.clear()
	case Stopping:
		b.stopping = true
	case StepStarted:
		row := b.row(r.Path)
		row.Steps, row.Doing = append(row.Steps, Begun{e.Step, r.At}), Doing{}
	case StepEnded:
		row := b.row(r.Path)
		row.Doing = Doing{}
		for i, s := range slices.Backward(row.Steps) {
			if s.Step == e.Step {
				row.Steps = slices.Delete(row.Steps, i, i+1)
				break
			}
		}
		if len(r.Path) == 0 && len(row.Steps) == 0 {
			b.clear()
		}
	case Progress:
		text := e.Text
		if e.Total > 0 {
			text = fmt.Sprintf("%s (%d of %d)", e.Text, e.Done, e.Total)
		}
		row := b.row(r.Path)
		since := row.Doing.since(strings.HasPrefix(row.Doing.Text, e.Text) && row.Doing.For == "", r.At)
		row.Doing = Doing{Text: text, Since: since}
	case Waiting:
		row, next := b.row(r.Path), Doing{For: e.For, Below: e.Below, Text: e.reason()}
		next.Since = row.Doing.since(row.Doing.String() == next.String(), r.At)
		row.Doing = next
	case PlacementEnded:
		row := b.row(r.Path)
		row.Ended, row.Steps, row.Doing = &e, nil, Doing{}
	}
}

// since is when the doing began, if it is still the same.
func (d Doing) since(same bool, now time.Time) time.Time {
	if same && !d.Since.IsZero() {
		return d.Since
	}
	return now
}

func (b *Board) clear() { b.rows, b.stopping = nil, false }

func (b *Board) row(path []string) *Row {
	for _, row := range b.rows {
		if slices.Equal(row.Path, path) {
			return row
		}
	}
	if len(path) > 1 {
		b.row(path[:len(path)-1])
	}
	row := &Row{Path: path}
	b.rows = append(b.rows, row)
	return row
}

// Rows are all there are, as a tree: what is part of something follows it.
func (b *Board) Rows() []Row {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.below(nil)
}

func (b *Board) below(path []string) (rows []Row) {
	for _, row := range b.rows {
		if len(row.Path) == 0 && path == nil {
			rows = append(rows, row.copy())
		} else if len(row.Path) == len(path)+1 && slices.Equal(row.Path[:len(path)], path) {
			rows = append(append(rows, row.copy()), b.below(row.Path)...)
		}
	}
	return rows
}

func (r *Row) copy() Row {
	c := *r
	c.Steps = slices.Clone(r.Steps)
	return c
}

// UnderWay are the rows with a step that has begun and has not ended.
func (b *Board) UnderWay() []Row {
	return slices.DeleteFunc(b.Rows(), func(r Row) bool { return len(r.Steps) == 0 })
}

// Stopping tells that the run was interrupted and lets its steps end.
func (b *Board) Stopping() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.stopping
}
