// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package scoretest

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/scoretest/internal/world"
	"nationtech.io/harmony/wait"
)

// repair edits each object of the component by hand, then deletes each.
func (c *conformance) repair(t *testing.T) {
	c.up(t)
	all := slices.SortedFunc(maps.Values(c.owned(c.glance(t))), func(a, b *world.Object) int {
		return cmp.Compare(a.Key().String(), b.Key().String())
	})
	if len(all) == 0 {
		t.Fatal("no object carries the mark of an inventory")
	}
	for _, o := range all {
		t.Run(o.Key().String()+" edited", func(t *testing.T) { c.disturbed(t, o.Key(), c.edit) })
	}
	for _, o := range all {
		t.Run(o.Key().String()+" deleted", func(t *testing.T) { c.disturbed(t, o.Key(), c.delete) })
	}
}

// disturbed does something to one object by hand, and asks that a deploy puts it right.
func (c *conformance) disturbed(t *testing.T, key world.Key, how func(*testing.T, *world.Object)) {
	t.Helper()
	c.up(t)
	before := c.glance(t)
	o := before[key]
	if o == nil {
		t.Fatalf("%s does not stand", key)
	}
	c.stands = false
	how(t, o)
	c.repairs(t, before, world.View{key: o})
	c.calm(t, o, partsOf(before, world.View{key: o}))
}

// calm waits until the parts of an object are gone, if another has come in its place.
func (c *conformance) calm(t *testing.T, was *world.Object, parts world.View) {
	t.Helper()
	err := wait.Until(t.Context(), "parts of the "+was.Key().String()+" that was deleted to be gone", wait.Pace{Limit: collected}, func(context.Context) (string, bool, error) {
		view, err := c.these(t, c.kinds)
		if now := view[was.Key()]; now != nil && now.UID == was.UID {
			return "", true, err
		}
		left := view.Only(func(o *world.Object) bool { return parts[o.Key()] != nil && parts[o.Key()].UID == o.UID })
		return fmt.Sprint(listed(left)), err == nil && len(left) == 0, err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// edit writes over a label of Harmony's and over data, where there is any.
func (c *conformance) edit(t *testing.T, o *world.Object) {
	t.Helper()
	const text = "ZWRpdGVkIGJ5IGhhbmQ=" // as data of a Secret must look
	fields := map[string]any{"metadata": map[string]any{"labels": map[string]any{kube.ManagedByLabel: "a-stranger"}}}
	if key, has := o.Data(); has {
		fields["data"] = map[string]any{key: text}
	}
	if err := c.world.Edit(t.Context(), o, fields); err != nil {
		t.Fatal(err)
	}
}

func (c *conformance) delete(t *testing.T, o *world.Object) {
	t.Helper()
	if err := c.world.Delete(t.Context(), o); err != nil {
		t.Fatal(err)
	}
}

// repairs deploys and asks that these objects, and no others, are repaired and named. What
// is part of them, as a workload's Pods are, may be replaced; so may Pods that have a token of them.
func (c *conformance) repairs(t *testing.T, before, these world.View) {
	t.Helper()
	want := listed(these)
	plan := c.planned(t)
	report := c.deploy(t)
	got, more := []string(nil), unforeseen(plan, report)
	for _, p := range report.Placements {
		for _, change := range p.Changes {
			if change.Action == harmony.Repaired && slices.Contains(want, change.Object) {
				got = append(got, change.Object)
				continue
			}
			more = append(more, strings.Join(p.Path, " › ")+": "+said(change))
		}
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		more = append(more, "repaired of these: "+cmp.Or(strings.Join(got, ", "), "none"))
	}
	after := c.glance(t)
	old, now := partsOf(before, these), partsOf(after, after.Only(func(o *world.Object) bool { return these[o.Key()] != nil }))
	more = append(more, untouched(before, after, func(o *world.Object) bool {
		return these[o.Key()] != nil || these[o.RunsAs()] != nil || inventory(o) || old[o.Key()] != nil || now[o.Key()] != nil
	})...)
	for _, o := range these {
		more = append(more, crooked(before[o.Key()], after[o.Key()])...)
	}
	if len(more) > 0 {
		broken(t, "a deploy repairs what someone edited or deleted, names it, and touches nothing else: "+strings.Join(want, ", "), more...)
	}
}

// crooked tells what is still not as it was of an object that was edited. One that was deleted is another now.
func crooked(before, after *world.Object) []string {
	if after == nil {
		return []string{before.Key().String() + " does not stand"}
	}
	fields := slices.DeleteFunc(world.Written(before, after), func(field string) bool {
		return field == "metadata.generation" || field == "metadata.managedFields"
	})
	if len(fields) == 0 || before.UID != after.UID {
		return nil
	}
	return []string{before.Key().String() + " is not as it was: " + strings.Join(fields, ", ")}
}
