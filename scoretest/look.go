// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package scoretest

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"k8s.io/client-go/rest"

	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/scoretest/internal/world"
)

// reach gets at the Kubernetes of a place beside Harmony: as a stranger, and to read inventories.
func reach(place any) (*world.World, *kube.Client, error) {
	on, ok := place.(kube.Place)
	if !ok {
		return nil, nil, diag.New(diag.LacksCapability).Saw(fmt.Sprintf("%T has no Kubernetes", place)).
			Note("what Conform asks of a Score is about objects in a Kubernetes")
	}
	cluster, ok := on.Kubernetes().(interface{ Config() *rest.Config })
	if !ok {
		return nil, nil, diag.New(diag.LacksCapability).Saw(fmt.Sprintf("%T does not tell how its API server is reached", on.Kubernetes())).
			Try("give it a method Config() *rest.Config, as kube.Client has")
	}
	client, err := kube.Connect(kube.Options{Config: cluster.Config()})
	if err != nil {
		return nil, nil, err
	}
	w, err := world.Reach(client.Config())
	return w, client, err
}

// look lists every object where the component keeps its own: those in its namespaces, and those in none that name one of them.
func (c *conformance) look(t *testing.T) world.View {
	t.Helper()
	view, err := c.everything(t)
	if err != nil {
		t.Fatal(err)
	}
	return view
}

func (c *conformance) everything(t *testing.T) (world.View, error) {
	kinds, err := c.world.Kinds(t.Context())
	if err != nil {
		return nil, err
	}
	return c.these(t, kinds)
}

// glance is look for the kinds of the component's objects and of what is made of them.
func (c *conformance) glance(t *testing.T) world.View {
	t.Helper()
	view, err := c.these(t, c.kinds)
	if err != nil {
		t.Fatal(err)
	}
	return view
}

func (c *conformance) these(t *testing.T, kinds []world.Kind) (world.View, error) {
	all := world.View{}
	var errs []error
	for _, ns := range c.namespaces {
		view, err := c.world.Look(t.Context(), kinds, ns)
		maps.Copy(all, view)
		errs = append(errs, err)
	}
	return c.here(all), errors.Join(errs...)
}

// here are the objects of a view that are where the component keeps its own. Some keep one where others do, too, as in
// kube-system: what is in an inventory of another place is left to the test of that.
func (c *conformance) here(view world.View) world.View {
	return view.Only(func(o *world.Object) bool {
		if at, _, listed := strings.Cut(o.Annotations[kube.InventoryAnnotation], "/"); listed && !slices.Contains(c.namespaces, at) {
			return false
		}
		if o.Kind.Namespaced {
			return slices.Contains(c.namespaces, o.Namespace)
		}
		return slices.ContainsFunc(c.namespaces, o.Mentions)
	})
}

// kept are the objects of a view that are the component's own doing: not what stood before, what a stranger or
// every namespace has, and what controllers make of other objects.
func (c *conformance) kept(view world.View) world.View {
	return view.Without(c.before).Without(c.strangers).Only(func(o *world.Object) bool {
		return !native(o) && !derived(o) && o.DeletionTimestamp == nil && (o.Kind.Namespaced || o.Annotations[kube.InventoryAnnotation] != "")
	})
}

// owned are those that a deploy repairs: what is kept, without data and inventories.
func (c *conformance) owned(view world.View) world.View {
	return c.kept(view).Only(func(o *world.Object) bool {
		return o.Annotations[kube.InventoryAnnotation] != "" && !inventory(o) && !data(o)
	})
}

func inventory(o *world.Object) bool { return o.Labels[kube.InventoryLabel] == "true" }

func data(o *world.Object) bool { return o.Labels[kube.DataLabel] == "true" }

// native tells whether every namespace has this object.
func native(o *world.Object) bool {
	switch o.Key().String() {
	case "ServiceAccount/default", "ConfigMap/kube-root-ca.crt", "ConfigMap/openshift-service-ca.crt":
		return true
	}
	return false
}

// derived tells whether a controller makes this object of another.
func derived(o *world.Object) bool {
	return len(o.OwnerReferences) > 0 || routing(o)
}

// routing follows the Pods behind a Service, in its own time.
func routing(o *world.Object) bool {
	return o.Kind.Kind == "Endpoints" || o.Kind.Kind == "EndpointSlice"
}

// component names the component that an object belongs to.
func component(o *world.Object) string {
	_, name, _ := strings.Cut(o.Annotations[kube.InventoryAnnotation], "/")
	return name
}

// listed are the names of objects, sorted.
func listed(view world.View) (names []string) {
	for key := range view {
		names = append(names, key.String())
	}
	slices.Sort(names)
	return names
}

// untouched compares two views and tells what was written to, made, deleted or replaced in between, besides what excused names.
func untouched(before, after world.View, excused func(*world.Object) bool) (saw []string) {
	for key, o := range before {
		now := after[key]
		switch {
		case excused(o):
		case now == nil:
			saw = append(saw, key.String()+" is gone")
		case now.UID != o.UID:
			saw = append(saw, key.String()+" was replaced")
		default:
			if fields := world.Written(o, now); len(fields) > 0 && !derived(o) {
				saw = append(saw, key.String()+" was written to: "+strings.Join(fields, ", "))
			}
		}
	}
	for key, o := range after.Without(before) {
		if !excused(o) {
			saw = append(saw, key.String()+" was made")
		}
	}
	slices.Sort(saw)
	return saw
}
