// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package plane

import (
	"maps"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/labels"
)

// start is when every test begins.
var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// A world is a State with a clock, and namespace shop granted everything.
type world struct {
	*State
	now time.Time
}

func begin() *world {
	w := &world{New(), start}
	w.SetGrants([]Grant{{"shop", labels.Everything()}})
	w.Lead(1, 1, "")
	return w
}

func (w *world) device(id string, l labels.Set) { w.SetDevice(id, l, w.now) }

// deployment asks for a content on the devices that a selector matches.
func (w *world) deployment(uid, selector, digest string, generation int64) Deployment {
	s, err := labels.Parse(selector)
	if err != nil {
		panic(err)
	}
	d := Deployment{Namespace: "shop", Name: uid, UID: uid, Generation: generation, EntryGeneration: generation, Digest: digest, Selector: s}
	w.SetDeployment(d)
	return d
}

// pass lets time go by.
func (w *world) pass(d time.Duration) { w.now = w.now.Add(d) }

// writes gives what is to be written now, by device. What is known is what the API server has.
func (w *world) writes() map[string]Write {
	all := w.unasked()
	for _, d := range w.Doubts(w.now) {
		selectors := map[string]labels.Selector{}
		for _, uid := range d.Of {
			selectors[uid] = w.deployments[uid].Selector
		}
		w.Confirm(d.Device, w.State.devices[d.Device].labels, selectors, w.now)
	}
	maps.Copy(all, w.unasked())
	return all
}

// unasked is as writes, but nobody asks the API server.
func (w *world) unasked() map[string]Write {
	all := map[string]Write{}
	writes, _ := w.Next(w.now, 1<<30)
	for _, one := range writes {
		all[one.Device] = one
	}
	return all
}

// runs lets a device report that it does what it was told.
func (w *world) runs(t *testing.T, one Write) {
	t.Helper()
	w.says(one.Device, one.Order, obedient(one)...)
}

func obedient(one Write) (all []Workload) {
	for _, e := range one.Entries {
		if !e.Absent {
			all = append(all, Workload{UID: e.UID, Generation: e.Generation, Digest: e.Digest, Phase: Running})
		}
	}
	return all
}

func (w *world) says(device string, order Order, workloads ...Workload) {
	w.Report(device, Report{Instance: "one", Order: order, Workloads: workloads}, w.now)
}

func (w *world) counts(t *testing.T, uid string) Counts {
	t.Helper()
	c, ok := w.Count(uid)
	if !ok {
		t.Fatalf("Deployment %s is not known", uid)
	}
	return c.Counts
}
