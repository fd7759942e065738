// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package scoretest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"nationtech.io/harmony"
	"nationtech.io/harmony/scoretest/internal/world"
	"nationtech.io/harmony/wait"
)

const (
	strangersName = "a-strangers"
	collected     = 30 * time.Second // what controllers have made of deleted objects
)

// remove takes the component away without its data, and makes it again.
func (c *conformance) remove(t *testing.T) {
	c.up(t)
	before := c.kept(c.glance(t))
	var gone, kept []string
	for _, p := range c.down(t).Placements {
		gone, kept = append(gone, p.Gone...), append(kept, p.Kept...)
	}
	left := c.kept(c.look(t)).Only(func(o *world.Object) bool { return !inventory(o) })
	var saw []string
	for key, o := range before {
		switch name := key.String(); {
		case inventory(o):
		case left[key] == nil && data(o):
			saw = append(saw, name+" is data, and is gone")
		case left[key] == nil && !slices.Contains(gone, name):
			saw = append(saw, name+" is gone, and is not listed as gone")
		case left[key] != nil && !slices.Contains(kept, name):
			saw = append(saw, name+" is left, and is not listed as kept")
		}
	}
	c.deploy(t)
	after := c.kept(c.glance(t))
	for key := range left {
		if before[key] != nil && (after[key] == nil || after[key].UID != before[key].UID) {
			saw = append(saw, key.String()+" was kept, and the next deploy made another in its place")
		}
	}
	if len(saw) > 0 {
		slices.Sort(saw)
		broken(t, "remove keeps data, takes all else, lists both, and what was kept is used again", saw...)
	}
}

// purge takes everything away but what a stranger has, then that too.
func (c *conformance) purge(t *testing.T) {
	c.up(t)
	for _, p := range c.removed(t, harmony.Run{Purge: true}).Placements {
		if len(p.Kept) > 0 {
			broken(t, "remove with purge keeps nothing", strings.Join(p.Kept, ", "))
		}
	}
	c.cleared(t, c.strangers)
	if t.Failed() {
		return // what is left now would be left then
	}
	c.bare(t)
	c.cleared(t, nil)
}

// beset makes an object in each of the component's namespaces that is not its own: so the namespaces stay, too,
// when the component is removed.
func (c *conformance) beset(t *testing.T) {
	t.Helper()
	c.strangers = world.View{}
	for _, ns := range c.namespaces {
		o, err := c.world.Leave(t.Context(), world.Maps, ns, strangersName)
		if err != nil {
			t.Fatal(err)
		}
		c.strangers[o.Key()] = o
	}
}

// bare takes away the strangers' objects and everything of the component.
func (c *conformance) bare(t *testing.T) {
	t.Helper()
	for _, o := range c.strangers {
		if err := c.world.Delete(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
	c.strangers = nil
	c.removed(t, harmony.Run{Purge: true})
}

// cleared asks that the cluster is as it was before the first deploy, besides these objects and their namespaces.
func (c *conformance) cleared(t *testing.T, besides world.View) {
	t.Helper()
	was := c.here(c.before)
	var saw []string
	err := wait.Until(t.Context(), "nothing to be left", wait.Pace{Limit: collected}, func(context.Context) (string, bool, error) {
		view, err := c.everything(t)
		saw = untouched(was.And(besides), view, func(o *world.Object) bool {
			return derived(o) && was[o.Key()] != nil || len(besides) > 0 && (native(o) || o.Kind == world.Namespaces)
		})
		return fmt.Sprint(saw), err == nil && len(saw) == 0, err
	})
	if len(saw) > 0 {
		broken(t, "remove with purge leaves the cluster as it was before the first deploy, and strangers alone", saw...)
	} else if err != nil {
		t.Fatal(err)
	}
}
