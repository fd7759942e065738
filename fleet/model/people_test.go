// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package model

import (
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/labels"
	"pgregory.net/rapid"

	"nationtech.io/harmony/fleet/operator/plane"
	"nationtech.io/harmony/fleet/operator/rollout"
)

var (
	sites     = []string{"north", "south"}
	selectors = []string{"site", "site=north", "site=south", "site notin (south)"}
)

// apply makes a Deployment or edits it, as a person does.
func (w *world) apply(t *rapid.T) {
	name := rapid.SampledFrom(workloads).Draw(t, "name")
	p, there := w.server.objects[name]
	if there && p.deleting {
		return // the API server would take the edit, and it would mean nothing
	}
	if !there {
		p = object{name: name, uid: w.server.uid(), selector: "site"}
		w.ever[name] = append(w.ever[name], p.uid)
	}
	if edit := rapid.SampledFrom([]string{"content", "content", "selector", "rollout", "no rollout", "undo", "undo"}).Draw(t, "edit"); there {
		w.edit(t, &p, edit)
	} else {
		w.edit(t, &p, "content")
		w.edit(t, &p, edit)
	}
	p.generation++
	w.server.change(func() { w.server.put(p) })
}

// toldNotSaid lets devices follow an edit whose leader dies before any status says so. Then comes the next one.
func (w *world) toldNotSaid(t *rapid.T) {
	w.apply(t)
	for _, o := range w.living() {
		o.watchDeployments()
		o.write()
	}
	w.flow()
	for _, b := range w.boxes {
		b.work(100, false)
	}
	for _, o := range w.living() {
		o.dead = true
	}
	w.apply(t)
}

func (w *world) edit(t *rapid.T, p *object, what string) {
	switch what {
	case "content":
		w.intents++
		p.content, p.intent = contentOf(w.intents), w.intents
		w.bad[p.content] = rapid.IntRange(0, 4).Draw(t, "bad") == 0
	case "undo":
		if kept := w.kept(p.uid); len(kept) > 0 {
			w.intents++
			p.content, p.intent = rapid.SampledFrom(kept).Draw(t, "back to"), w.intents
		}
	case "selector":
		p.selector = rapid.SampledFrom(selectors).Draw(t, "selector")
	case "no rollout":
		p.wish = nil
	case "rollout":
		p.wish = wish(t, p.wish)
	}
}

// kept are the contents of the releases that are kept of a Deployment.
func (w *world) kept(uid string) (all []string) {
	for content, of := range w.server.releases {
		if of == uid {
			all = append(all, content)
		}
	}
	slices.Sort(all)
	return all
}

func wish(t *rapid.T, before *plane.Rollout) *plane.Rollout {
	first := rapid.SampledFrom(sites).Draw(t, "first")
	size := func(of string) rollout.Size { return rollout.Size{Count: rapid.IntRange(0, 2).Draw(t, of)} }
	now := &plane.Rollout{Order: []labels.Selector{labels.SelectorFromSet(labels.Set{"site": first})}, Spec: rollout.Spec{
		Batch: size("batch"), MaxUnavailable: size("unavailable"), PauseAt: rapid.SampledFrom([]int{0, 50}).Draw(t, "share"),
		HealthWindow: 10 * time.Second, Revert: rapid.Bool().Draw(t, "revert"), Paused: rapid.IntRange(0, 3).Draw(t, "paused") == 0,
	}}
	if before != nil {
		now.Resume = before.Resume
	}
	return now
}

// resume goes on with a rollout, whether it was paused or has stopped.
func (w *world) resume(t *rapid.T) {
	p, there := w.server.objects[rapid.SampledFrom(workloads).Draw(t, "name")]
	if !there || p.wish == nil || p.deleting {
		return
	}
	now := *p.wish
	now.Resume++
	now.Spec.Paused = false
	p.wish = &now
	p.generation++
	w.server.change(func() { w.server.put(p) })
}

// remove deletes a Deployment. One that nobody holds is gone at once.
func (w *world) remove(t *rapid.T) {
	p, there := w.server.objects[rapid.SampledFrom(workloads).Draw(t, "name")]
	if !there || p.deleting {
		return
	}
	if !p.held {
		w.deleted[p.uid] = w.now
		w.server.change(func() { delete(w.server.objects, p.name) })
		return
	}
	p.deleting = true
	p.generation++
	w.server.change(func() { w.server.put(p) })
}

// label moves a device to another site, or to none for now.
func (w *world) label(t *rapid.T) {
	id := rapid.SampledFrom(devices).Draw(t, "device")
	now := labels.Set{}
	if site := rapid.SampledFrom([]string{"north", "south", ""}).Draw(t, "site"); site != "" {
		now["site"] = site
	}
	if labels.Equals(now, w.server.labels[id]) {
		return
	}
	w.changed[id] = w.now
	w.server.change(func() { w.server.labels[id] = now })
}

// restore restores the API server from a backup. Labels that change by that have changed now.
func (w *world) restore(t *rapid.T) {
	before := w.server.labels
	w.restored = true
	w.server.restore(rapid.IntRange(1, 20).Draw(t, "changes"))
	for _, id := range devices {
		if !labels.Equals(before[id], w.server.labels[id]) {
			w.changed[id] = w.now
		}
	}
	if rapid.Bool().Draw(t, "and the operators") {
		for _, o := range w.living() {
			o.dead = true
		}
		w.lead()
	}
}

// adopt raises the epoch above all that devices have seen, and takes over those of the control plane before. One that has lost its
// state file knows it by what it runs alone; a person finds that out when it is still ahead in the next epoch, and raises that again.
func (w *world) adopt() {
	highest := w.server.epoch
	for _, b := range w.boxes {
		highest = max(highest, b.held.Order.Epoch)
		for _, r := range b.held.Records {
			highest = max(highest, r.Epoch)
		}
	}
	w.server.change(func() { w.server.epoch, w.server.adopts = highest+1, w.elsewhere.String() })
}
