// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package scoretest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode"

	"nationtech.io/harmony"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/scoretest/internal/world"
)

// plan asks that a plan of what stands changes nothing, says so, and writes nothing. What is known after the apply is
// no change. What the plan before the first deploy said, and wrote, was noted then.
func (c *conformance) plan(t *testing.T) {
	if saw := c.foretold; len(saw) > 0 {
		broken(t, "a plan says object by object what the deploy then does, and writes nothing", saw...)
	}
	c.up(t)
	before := c.glance(t)
	var saw []string
	for _, done := range would(c.planned(t)) {
		saw = append(saw, "it would "+done)
	}
	saw = append(saw, untouched(before, c.glance(t), func(o *world.Object) bool {
		return o.DeletionTimestamp != nil // it was on its way already
	})...)
	if len(saw) > 0 {
		broken(t, "a plan of what stands as it should shows no change, and writes nothing", saw...)
	}
}

func (c *conformance) planned(t *testing.T) harmony.Report {
	t.Helper()
	plan, err := harmony.Plan(t.Context(), c.placement)
	if err != nil {
		t.Fatalf("planning %s fails\n%s", c.placement.Name(), told(err))
	}
	return plan
}

// would lists what a plan would do with objects, as "create Service/nats", sorted. Images and what a Score changes in
// its own component are none.
func would(plan harmony.Report) (all []string) {
	for _, p := range plan.Placements {
		for _, o := range p.Planned {
			if o.Intent != harmony.Keep && isObject(o.Object) {
				all = append(all, fmt.Sprintf("%s %s", o.Intent, o.Object))
			}
		}
	}
	slices.Sort(all)
	return all
}

// done lists what a deploy did with objects, in the words of a plan.
func done(report harmony.Report) (all []string) {
	for _, p := range report.Placements {
		for _, ch := range p.Changes {
			if isObject(ch.Object) {
				all = append(all, fmt.Sprintf("%s %s", ch.Action.Intent(), ch.Object))
			}
		}
	}
	slices.Sort(all)
	return all
}

// isObject tells an object of Kubernetes by its name: Kind/name.
func isObject(name string) bool {
	kind, _, found := strings.Cut(name, "/")
	return found && strings.IndexFunc(kind, unicode.IsUpper) == 0 && !strings.Contains(kind, " ")
}

// unforeseen compares what a plan said with what the deploy did.
func unforeseen(plan, deploy harmony.Report) (saw []string) {
	said, was := would(plan), done(deploy)
	for _, s := range said {
		if !slices.Contains(was, s) {
			saw = append(saw, "planned, and not done: "+s)
		}
	}
	for _, w := range was {
		if !slices.Contains(said, w) {
			saw = append(saw, "done, and not planned: "+w)
		}
	}
	return saw
}

// Foretold deploys the variations of a component one after the other on top of each other, and asks of each that its
// plan said, object by object, what the deploy then did, and that nothing is left to plan. Where the deploy is refused
// the plan must have said why. What stands in the end is
// taken away with the test.
func Foretold(t *testing.T, variations ...*harmony.Placement) {
	t.Helper()
	t.Cleanup(func() {
		for _, p := range variations { // they have the same name, or the names of all are needed
			if _, err := (harmony.Run{Purge: true}).Remove(context.WithoutCancel(t.Context()), p); err != nil {
				t.Errorf("it cannot be taken away in the end\n%s", told(err))
			}
		}
	})
	for i, p := range variations {
		t.Run(fmt.Sprintf("variation %d", i+1), func(t *testing.T) {
			plan, finding := harmony.Plan(t.Context(), p)
			report, err := harmony.Deploy(t.Context(), p)
			t.Logf("%v\n%s", finding, strings.Join(would(plan), "\n"))
			switch {
			case fmt.Sprint(codes(finding)) != fmt.Sprint(codes(err)):
				broken(t, "a plan finds what stands against the deploy", "the plan finds: "+told(finding), "the deploy ends with: "+told(err))
			case err != nil:
				return
			}
			if saw := unforeseen(plan, report); len(saw) > 0 {
				broken(t, "a plan says object by object what the deploy then does", saw...)
			}
			again, err := harmony.Plan(t.Context(), p)
			if err != nil {
				t.Fatal(told(err))
			}
			if saw := would(again); len(saw) > 0 {
				broken(t, "a plan of what stands as it should shows no change", saw...)
			}
		})
	}
}

func codes(err error) (all []diag.Code) {
	if err == nil {
		return nil
	}
	for _, d := range diag.All(err) {
		all = append(all, d.Code)
	}
	return all
}
