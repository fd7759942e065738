// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package scoretest

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"nationtech.io/harmony"
	"nationtech.io/harmony/event"
)

// A journal is what happened in a run.
type journal struct {
	mu     sync.Mutex
	events []event.Event
}

// Emit notes the event.
func (j *journal) Emit(r event.Record) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.events = append(j.events, r.Event)
}

// namespaces are those in which something was changed.
func (j *journal) namespaces() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	found := map[string]bool{}
	for _, e := range j.events {
		if e, ok := e.(event.Changed); ok && e.Namespace != "" {
			found[e.Namespace] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

func (j *journal) counts() map[string]int {
	j.mu.Lock()
	defer j.mu.Unlock()
	counts := map[string]int{}
	for _, e := range j.events {
		counts[mark(e)]++
	}
	return counts
}

const change = "change"

// mark names what comes in every deploy of a component in the same order; empty for what depends on how
// long things take.
func mark(e event.Event) string {
	switch e := e.(type) {
	case event.Changed:
		return change
	case event.StepStarted:
		return e.Step
	}
	return ""
}

// A moment is when an event comes for the nth time.
type moment struct {
	mark string
	nth  int
}

// String is the name of a subtest, and what parseMoment reads.
func (m moment) String() string { return fmt.Sprintf("%s %d", m.mark, m.nth) }

func parseMoment(text string) (moment, bool) {
	at := strings.LastIndexByte(text, ' ')
	if at < 0 {
		return moment{}, false
	}
	nth, err := strconv.Atoi(text[at+1:])
	return moment{text[:at], nth}, err == nil
}

// when is a sink that calls then at the moment, once. What happens beside it waits meanwhile.
func (m moment) when(then func()) event.Sink {
	var mu sync.Mutex
	seen := 0
	return event.SinkFunc(func(r event.Record) {
		mu.Lock()
		defer mu.Unlock()
		if mark(r.Event) != m.mark {
			return
		}
		if seen++; seen == m.nth {
			then()
		}
	})
}

// moments are a sample of a deploy after a removal: the middle and the last change, the beginning of the wait for
// what was changed, and of the first smoke test.
func (c *conformance) moments(t *testing.T) (all []moment) {
	t.Helper()
	if c.again == nil {
		c.up(t)
		c.down(t)
		did := &journal{}
		c.deployed(t, harmony.Run{Events: did})
		c.again = did.counts()
	}
	last := c.again[change]
	for _, m := range []moment{{change, (last + 1) / 2}, {change, last}, {"converge", 1}, {harmony.StepSmokeTest, 1}} {
		if m.nth > 0 && m.nth <= c.again[m.mark] && !slices.Contains(all, m) {
			all = append(all, m)
		}
	}
	return all
}
