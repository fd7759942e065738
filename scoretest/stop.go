// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package scoretest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"nationtech.io/harmony"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/scoretest/internal/world"
	"nationtech.io/harmony/wait"
)

const (
	stopLimit   = 2 * time.Minute // for Pods to be gone
	verifyLimit = 5 * time.Second // for a smoke test that is to fail
	promptly    = 15 * time.Second
)

// stop takes the Pods of each component in turn, as somebody who scales it to zero.
func (c *conformance) stop(t *testing.T) {
	c.up(t)
	of := map[string]world.View{}
	for key, o := range c.owned(c.glance(t)) {
		if name := component(o); o.Kind.Scales {
			if of[name] == nil {
				of[name] = world.View{}
			}
			of[name][key] = o
		}
	}
	if len(of) == 0 {
		t.Skip("nothing of it has replicas, of which there could be none")
	}
	for _, name := range slices.Sorted(maps.Keys(of)) {
		t.Run(name, func(t *testing.T) {
			c.up(t)
			before := c.glance(t)
			c.halt(t, of[name])
			c.silent(t, name)
			c.repairs(t, before, of[name])
		})
	}
}

// halt scales workloads to zero and waits until none of their Pods is left.
func (c *conformance) halt(t *testing.T, workloads world.View) {
	t.Helper()
	c.stands = false
	for _, o := range workloads {
		if err := c.world.Edit(t.Context(), o, map[string]any{"spec": map[string]any{"replicas": 0}}); err != nil {
			t.Fatal(err)
		}
	}
	err := wait.Until(t.Context(), "the Pods to be gone", wait.Pace{Limit: stopLimit}, func(context.Context) (string, bool, error) {
		view, err := c.these(t, c.kinds)
		pods := partsOf(view, workloads).Only(func(o *world.Object) bool { return o.Kind == world.Pods })
		return fmt.Sprint(listed(pods)), err == nil && len(pods) == 0, err
	})
	if err != nil {
		t.Fatalf("%v was scaled to zero: %v", listed(workloads), err)
	}
}

// partsOf are the objects that are part of these, or of such a part.
func partsOf(view, whole world.View) world.View {
	owners := map[types.UID]bool{}
	for _, o := range whole {
		owners[o.UID] = true
	}
	parts := world.View{}
	for more := true; more; {
		more = false
		for key, o := range view {
			if parts[key] == nil && o.PartOf(owners) {
				parts[key], owners[o.UID], more = o, true, true
			}
		}
	}
	return parts
}

// silent asks that verify says of a component that its smoke test failed, in time.
func (c *conformance) silent(t *testing.T, name string) {
	t.Helper()
	const contract = "verify fails with a Diagnostic of the smoke test of what is stopped"
	start := time.Now()
	_, err := harmony.Run{Limit: verifyLimit}.Verify(t.Context(), c.placement)
	if took := time.Since(start); took > verifyLimit+promptly {
		broken(t, "a smoke test ends when its context does", fmt.Sprintf("it was given %s and took %s", verifyLimit, took.Round(time.Second)))
	}
	var failure *harmony.Failure
	switch {
	case err == nil:
		broken(t, contract, name+" has no Pod, and all smoke tests pass")
	case !errors.As(err, &failure) || !failure.Smoke():
		broken(t, contract, told(err))
	case !slices.ContainsFunc(diag.All(err), func(d *diag.Diagnostic) bool { return slices.Contains(d.Path, name) }):
		broken(t, contract, name+" has no Pod, and only others fail: "+told(err))
	}
}
