// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package harmony

import (
	"errors"
	"slices"
	"strings"
	"sync"

	"nationtech.io/harmony/event"
)

// A book is the run's own listener: it keeps what reports tell of each placement.
type book struct {
	mu    sync.Mutex
	pages map[string]*page
}

type page struct {
	steps []Step
	facts []string
}

// Emit notes steps that ended and facts.
func (b *book) Emit(r event.Record) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := r.Event.(type) {
	case event.StepEnded:
		p := b.page(r.Path)
		p.steps = append(p.steps, Step{Name: e.Step, Took: e.Took})
	case event.Fact:
		p := b.page(r.Path)
		p.facts = append(p.facts, e.Text)
	}
}

func (b *book) page(path []string) *page {
	key := strings.Join(path, "\x00")
	if b.pages == nil {
		b.pages = map[string]*page{}
	}
	if b.pages[key] == nil {
		b.pages[key] = &page{}
	}
	return b.pages[key]
}

// fill copies what is known of the result's placement into it.
func (b *book) fill(r *Result) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p := b.page(r.Path)
	r.Steps, r.Facts = slices.Clone(p.steps), slices.Clone(p.facts)
}

// gather puts the results into the report and the failures into one error, in the order of the tree.
func (w *walk) gather(nodes []*node, report *Report, failure *Failure) {
	for _, n := range nodes {
		r := w.results[n]
		report.Placements = append(report.Placements, *r)
		if e := (*PlacementError)(nil); errors.As(r.Err, &e) {
			failure.Placements = append(failure.Placements, e)
		}
		w.gather(n.parts, report, failure)
	}
}

func names(nodes []*node) (names []string) {
	for _, n := range nodes {
		names = append(names, n.placement.name)
	}
	return names
}
