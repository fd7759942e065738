// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package scoretest

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/diag"
)

// cancel interrupts deploys of what was removed: before they begin, and in the middle.
func (c *conformance) cancel(t *testing.T) {
	moments := c.moments(t)
	t.Run("before it begins", func(t *testing.T) {
		c.up(t)
		c.down(t)
		before := c.look(t)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		c.interrupted(ctx, t, harmony.Run{}, time.Now)
		if saw := untouched(before, c.look(t), derived); len(saw) > 0 {
			broken(t, "a deploy whose context has ended touches nothing", saw...)
		}
	})
	for _, m := range moments {
		t.Run(m.String(), func(t *testing.T) {
			c.up(t)
			c.down(t)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var at time.Time
			run := harmony.Run{Events: m.when(func() { at = time.Now(); cancel() })}
			c.interrupted(ctx, t, run, func() time.Time { return at })
			c.whole(t)
			c.deploy(t)
			c.same(t)
		})
	}
}

// interrupted deploys with a context that ends, and asks that the deploy ends then and says so.
func (c *conformance) interrupted(ctx context.Context, t *testing.T, run harmony.Run, ended func() time.Time) {
	t.Helper()
	_, err := run.Deploy(ctx, c.placement)
	if ended().IsZero() {
		t.Fatalf("this deploy did otherwise than the one before, and the moment did not come; it ended with %v", err)
	}
	if took := time.Since(ended()); took > promptly {
		broken(t, "a deploy returns at once when its context ends", "it took "+took.Round(time.Second).String())
	}
	interrupted := func(d *diag.Diagnostic) bool { return d.Code == diag.Interrupted }
	if found := diag.All(err); len(found) == 0 || slices.ContainsFunc(found, func(d *diag.Diagnostic) bool { return !interrupted(d) }) {
		broken(t, fmt.Sprintf("a deploy whose context was cancelled says %s and nothing else", diag.Interrupted), fmt.Sprint(err), told(err))
	}
}

// whole asks that what an interrupted deploy has made can be found again.
func (c *conformance) whole(t *testing.T) {
	t.Helper()
	var known []string
	for _, ns := range c.namespaces {
		standing, err := c.kube.Standing(t.Context(), ns)
		if err != nil {
			broken(t, "inventories can be read at any time", told(err))
		}
		for _, s := range standing {
			known = append(append(known, s.Objects...), s.Data...)
		}
	}
	var saw []string
	for _, o := range c.kept(c.look(t)) {
		generated := data(o) && o.Labels[kube.ManagedByLabel] == "harmony"
		if !inventory(o) && !generated && !slices.Contains(known, o.Key().String()) {
			saw = append(saw, o.Key().String()+" stands, and no inventory lists it")
		}
	}
	if len(saw) > 0 {
		slices.Sort(saw)
		broken(t, "whatever a deploy makes is in an inventory before it is made", saw...)
	}
}

// same asks that the component keeps the objects that its first deploy made.
func (c *conformance) same(t *testing.T) {
	t.Helper()
	now := c.kept(c.look(t))
	var saw []string
	for _, name := range listed(c.made.Without(now)) {
		saw = append(saw, name+" is missing")
	}
	for _, name := range listed(now.Without(c.made)) {
		saw = append(saw, name+" is more than that")
	}
	if len(saw) > 0 {
		broken(t, "however it came about, a deploy ends with the same objects", saw...)
	}
}
