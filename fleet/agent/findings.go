// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package agent

import (
	"cmp"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/agent/runner"
	"nationtech.io/harmony/fleet/contract"
)

const (
	forEver   time.Duration = 0
	forAWhile               = 5 * time.Minute // after it was last found
	jump                    = time.Minute
)

// findings are what is amiss on this device and belongs to no workload. One of each kind is kept, the last.
type findings struct {
	log *slog.Logger
	mu  sync.Mutex
	all map[contract.FindingKind]found
}

type found struct {
	contract.Finding
	until time.Time // zero for ever
}

func newFindings(log *slog.Logger) *findings {
	return &findings{log: log, all: map[contract.FindingKind]found{}}
}

// add notes a finding, which goes by itself some time after it was last found.
func (f *findings) add(kind contract.FindingKind, plane *contract.PlaneID, why *diag.Diagnostic, lasting time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	before, known := f.all[kind]
	is := found{contract.Finding{Kind: kind, Plane: plane, Code: string(why.Code), Message: runner.Message(why), Since: time.Now()}, time.Time{}}
	if known && before.Message == is.Message {
		is.Since = before.Since
	} else {
		f.log.Warn("something is amiss", "kind", string(kind), "code", is.Code, "reason", is.Message)
	}
	if lasting > 0 {
		is.until = time.Now().Add(lasting)
	}
	f.all[kind] = is
}

func (f *findings) because(kind contract.FindingKind, err error) {
	f.add(kind, nil, fault(err), forEver)
}

// note adds a finding about the clock, if there is one.
func (f *findings) note(clock *diag.Diagnostic) {
	if clock != nil {
		f.add(contract.FindingClock, nil, clock, forAWhile)
	}
}

func (f *findings) clear(kinds ...contract.FindingKind) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, kind := range kinds {
		delete(f.all, kind)
	}
}

// list gives them in order.
func (f *findings) list() []contract.Finding {
	f.mu.Lock()
	defer f.mu.Unlock()
	var all []contract.Finding
	for kind, is := range f.all {
		if !is.until.IsZero() && time.Now().After(is.until) {
			delete(f.all, kind)
			continue
		}
		all = append(all, is.Finding)
	}
	slices.SortFunc(all, func(a, b contract.Finding) int { return cmp.Compare(a.Kind, b.Kind) })
	return all
}

func stale(got, have contract.Order) *diag.Diagnostic {
	return diag.New(diag.ManifestStale).Saw(fmt.Sprintf("its epoch, term and number are %d, %d, %d, and this device has %d, %d, %d",
		got.Epoch, got.Term, got.Number, have.Epoch, have.Term, have.Number))
}

// jumps finds out when the clock of the device is set, from what the monotonic clock says.
type jumps struct{ monotonic, wall time.Time }

func newJumps() *jumps {
	now := time.Now()
	return &jumps{now, now.Round(0)}
}

func (c *jumps) jumped() *diag.Diagnostic {
	now := time.Now()
	passed, shown := now.Sub(c.monotonic), now.Round(0).Sub(c.wall)
	c.monotonic, c.wall = now, now.Round(0)
	if by := shown - passed; by > jump || by < -jump {
		return diag.New(diag.ClockJumped).Saw(fmt.Sprintf("it was set by %s", by.Round(time.Second)))
	}
	return nil
}
