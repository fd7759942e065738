// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package harmony

import (
	"context"
	"time"

	"nationtech.io/harmony/event"
)

// The steps of a placement, as events and reports name them.
const (
	StepInterpret = "interpret"
	StepPlan      = "plan"
	StepPreflight = "preflight"
	StepSmokeTest = "smoke test"
	StepRemove    = "remove"
)

const (
	defaultLimit       = 5 * time.Minute
	defaultVerifyLimit = 10 * time.Second
	defaultPlanLimit   = 5 * time.Minute // images may have to be built
)

// Run carries what a run needs. The zero value is useful; the package functions use it.
type Run struct {
	// Events takes what happens; nil is nobody.
	Events event.Sink
	// Limit bounds the work on each placement, without its parts: 5 minutes when
	// zero, 10 seconds in Verify, where there is nothing to wait for but an answer.
	Limit time.Duration
	// Purge makes Remove delete data too.
	Purge bool
	// Replace lets Deploy delete an object and make it anew where a field cannot be changed on what stands.
	// Without it that is an error, of a Plan too, and nothing is changed.
	Replace bool
	// Failed is called at the moment when a step of a placement has failed, before anything else is done there; from
	// several goroutines. nil is nobody. It is not called for what was interrupted.
	Failed func(context.Context, *PlacementError)
	// Stop, once it is closed, lets a run start no new step; those under way go on to their end. Before its first
	// change a deploy ends at once. nil never stops. A cancelled context ends everything at once.
	Stop <-chan struct{}
}

// Deploy makes each place match its Score and returns when all smoke tests have passed. It begins with a preflight:
// every placement whose place is Plannable is planned, and when any plan has a finding, all are reported and nothing is
// changed: Failure.Preflight tells.
// Placements without an order between them run side by side; what depends on a failure is
// not started, the rest goes on, and all failures are reported in one *Failure. Nothing is touched when
// the placements contradict each other. A cancelled context starts nothing more and returns.
func (r Run) Deploy(ctx context.Context, ps ...*Placement) (Report, error) {
	return r.walk(r.replacing(ctx), verb{name: verbDeploy, limit: defaultLimit, steps: []step{interpret, smokeTest}}, ps)
}

// Plan tells what Deploy would do and does none of it: each Score is interpreted on a twin of its place that cannot
// write. Every placement is planned, also when another fails: all findings come at once. A place that is
// not Plannable is one.
func (r Run) Plan(ctx context.Context, ps ...*Placement) (Report, error) {
	return r.walk(r.replacing(ctx), verb{name: verbPlan, limit: defaultPlanLimit, regardless: true, steps: []step{drawUp(StepPlan, &outlook{})}}, ps)
}

// Verify runs the smoke tests alone, side by side, and changes nothing.
func (r Run) Verify(ctx context.Context, ps ...*Placement) (Report, error) {
	return r.walk(ctx, verb{name: "verify", limit: defaultVerifyLimit, unordered: true, steps: []step{smokeTest}}, ps)
}

// Remove takes components away in the reverse of the order in which Deploy makes them.
// Data is kept and listed unless Purge is set.
func (r Run) Remove(ctx context.Context, ps ...*Placement) (Report, error) {
	return r.walk(ctx, verb{name: "remove", limit: defaultLimit, reverse: true, steps: []step{remove(r.Purge)}}, ps)
}

// Deploy is Run.Deploy of the zero Run.
func Deploy(ctx context.Context, ps ...*Placement) (Report, error) { return Run{}.Deploy(ctx, ps...) }

// Plan is Run.Plan of the zero Run.
func Plan(ctx context.Context, ps ...*Placement) (Report, error) { return Run{}.Plan(ctx, ps...) }

// Verify is Run.Verify of the zero Run.
func Verify(ctx context.Context, ps ...*Placement) (Report, error) { return Run{}.Verify(ctx, ps...) }

// Remove is Run.Remove of the zero Run.
func Remove(ctx context.Context, ps ...*Placement) (Report, error) { return Run{}.Remove(ctx, ps...) }
