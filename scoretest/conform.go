// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package scoretest

import (
	"context"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/util/validation"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/scoretest/internal/world"
)

// Conform deploys a component that does not stand yet, breaks it in every way that Harmony promises to
// withstand, and takes it away again. Each promise is a subtest, which can be run alone. A composite is held to
// the same over its whole tree; all of it must be on one Kubernetes.
//
// What the component needs may stand beside it and must do so before: Conform asks that it is not touched. The
// test runs itself again up to this call, to be killed in the middle of a deploy; so it may call Conform once, in
// a namespace that is the same each time, as Namespace gives it.
func Conform(t *testing.T, placement *harmony.Placement) {
	t.Helper()
	if at, child := doomed(); child {
		die(t, placement, at)
	}
	c := begin(t, placement)
	for _, promise := range []struct {
		name string
		keep func(*testing.T)
	}{
		{"its names are names that a Kubernetes takes", c.names},
		{"a plan says what a deploy does, and writes nothing", c.plan},
		{"deploying again changes nothing", c.repeat},
		{"its smoke test fails while it is stopped and passes when it is back", c.stop},
		{"what someone edited or deleted is repaired alone and named", c.repair},
		{"remove keeps data and lists it", c.remove},
		{"a cancelled context ends a deploy at once and leaves nothing half written", c.cancel},
		{"a deploy that is killed is simply run again", c.kill},
		{"remove with purge leaves nothing but what is a stranger's", c.purge},
	} {
		t.Run(promise.name, promise.keep)
	}
}

// A conformance is a component under test, and what is known of it.
type conformance struct {
	test       string // the full name of the test that called Conform
	placement  *harmony.Placement
	world      *world.World
	kube       *kube.Client
	components []string       // names of all placements of its tree
	first      map[string]int // how often each event came in the first deploy
	again      map[string]int // and in one after a removal
	namespaces []string       // where it keeps objects
	kinds      []world.Kind   // of the objects there
	before     world.View     // everything of the cluster, before there was anything of it
	foretold   []string       // where the plan before the first deploy was not what that did
	made       world.View     // what it keeps, as the first deploy made it
	strangers  world.View     // what somebody else keeps there meanwhile
	stands     bool           // the last thing done to it was a deploy that ended well
}

// begin deploys for the first time and learns what that makes.
func begin(t *testing.T, placement *harmony.Placement) *conformance {
	t.Helper()
	c := &conformance{test: t.Name(), placement: placement}
	var err error
	if c.world, c.kube, err = reach(placement.Topology()); err != nil {
		t.Fatal(told(err))
	}
	kinds, err := c.world.Kinds(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if c.before, err = c.world.Look(t.Context(), kinds, ""); err != nil {
		t.Fatal(err)
	}
	plan := c.planned(t)
	planned, err := c.world.Look(t.Context(), kinds, "")
	if err != nil {
		t.Fatal(err)
	}
	did := &journal{}
	report, err := harmony.Run{Events: did}.Deploy(t.Context(), placement)
	c.namespaces, c.first = did.namespaces(), did.counts()
	for _, p := range report.Placements {
		c.components = append(c.components, p.Path[len(p.Path)-1])
	}
	if stood := c.stood(); len(stood) > 0 || err == nil && len(c.namespaces) == 0 {
		t.Fatalf("%s must not stand yet, or Conform would take away what is not its own: %v", placement.Name(), stood)
	}
	t.Cleanup(func() { c.leave(t) })
	if err != nil {
		t.Fatalf("deploying %s fails\n%s", placement.Name(), told(err))
	}
	c.stands = true
	c.foretold = append(unforeseen(plan, report), untouched(c.here(c.before), c.here(planned), derived)...)
	view := c.look(t)
	c.made = c.kept(view)
	c.beset(t)
	c.kinds = view.Only(func(o *world.Object) bool { return o.Kind.Namespaced && !routing(o) || c.made[o.Key()] != nil }).Kinds()
	return c
}

// stood are the inventories that there were before, of a component with a name of this one's.
func (c *conformance) stood() []string {
	return listed(c.here(c.before).Only(func(o *world.Object) bool {
		return inventory(o) && slices.Contains(c.components, component(o))
	}))
}

// names asks for DNS labels: a name is part of the names of objects, and the value of a label.
func (c *conformance) names(t *testing.T) {
	for _, name := range c.components {
		if wrong := validation.IsDNS1123Label(name); len(wrong) > 0 {
			broken(t, "a name is a DNS label", name+": "+strings.Join(wrong, "; "))
		}
	}
}

// leave takes away what is left, also of a Score that breaks its promises.
func (c *conformance) leave(t *testing.T) {
	ctx := context.WithoutCancel(t.Context())
	if _, err := (harmony.Run{Purge: true}).Remove(ctx, c.placement); err != nil {
		t.Errorf("it cannot be taken away in the end\n%s", told(err))
	}
	err := sweep(ctx, c.world, func(ns *world.Object) bool {
		return slices.Contains(c.namespaces, ns.Name) && c.before[ns.Key()] == nil
	})
	if err != nil {
		t.Errorf("its namespace cannot be taken away in the end: %v", err)
	}
	c.kube.Close()
}

// deployed deploys and asks that it works.
func (c *conformance) deployed(t *testing.T, run harmony.Run) harmony.Report {
	t.Helper()
	report, err := run.Deploy(t.Context(), c.placement)
	if err != nil {
		t.Fatalf("deploying %s fails\n%s", c.placement.Name(), told(err))
	}
	c.stands = true
	return report
}

func (c *conformance) deploy(t *testing.T) harmony.Report {
	t.Helper()
	return c.deployed(t, harmony.Run{})
}

// up deploys unless it stands, so that a promise can be tested alone.
func (c *conformance) up(t *testing.T) {
	t.Helper()
	if !c.stands {
		c.deploy(t)
	}
}

// down removes it, without its data.
func (c *conformance) down(t *testing.T) harmony.Report {
	t.Helper()
	return c.removed(t, harmony.Run{})
}

func (c *conformance) removed(t *testing.T, run harmony.Run) harmony.Report {
	t.Helper()
	c.stands = false
	report, err := run.Remove(t.Context(), c.placement)
	if err != nil {
		t.Fatalf("removing %s fails\n%s", c.placement.Name(), told(err))
	}
	return report
}

// broken fails the test: what the contract says, and what was seen of that.
func broken(t *testing.T, contract string, saw ...string) {
	t.Helper()
	t.Errorf("the contract: %s\n         saw: %s", contract, strings.Join(saw, "\n              "))
}
