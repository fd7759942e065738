// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package model

import (
	"maps"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/labels"

	"nationtech.io/harmony/fleet/operator/plane"
)

// An operator is one process: the real plane, and what package operator does around it. It sees the API server through a
// cache, which may be behind.
type operator struct {
	*world
	number    int
	state     *plane.State
	known     map[string]known // by name
	cache     truth
	since     time.Time
	back      int  // how often the API server had been restored when it began
	granted   bool // it knows who may target what
	converged bool
	stale     int64
	api, nats bool // that it is connected
	cut       time.Time
	dead      bool
	bodies    map[string]bool // contents that it can give
}

type known struct {
	uid     string
	release plane.Release
}

const (
	removalLimit, offlineLimit = 2 * time.Minute, 10 * time.Minute
	hearWithin                 = 25 * time.Second
	leaseLasts                 = 15 * time.Second // without the API server it does not lead for longer
)

// lead starts an operator, which raises the term before it knows anything else.
func (w *world) lead() *operator {
	w.made++
	o := &operator{
		world: w, number: w.made, state: plane.New(), known: map[string]known{}, cache: w.server.copied(), since: w.now, back: w.server.back, api: true, nats: true,
		bodies: map[string]bool{},
	}
	o.raise(0, 0)
	w.operators = append(w.operators, o)
	return o
}

// raise takes a new term by compare and swap, and ends the process when another one has.
func (o *operator) raise(mine, least int64) {
	s := o.server
	if mine != 0 && s.term != mine {
		o.dead = true
		return
	}
	s.change(func() { s.term = max(s.term, least) + 1 })
	o.cache.epoch, o.cache.term, o.cache.adopts = s.epoch, s.term, s.adopts
	o.state.Lead(s.epoch, s.term, s.adopts)
}

// watches tells whether the cache hears of what changes. The watches of before a restoration stay silent.
func (o *operator) watches() bool { return o.api && o.back == o.server.back }

// watchFleet has the cache follow the FleetState.
func (o *operator) watchFleet() {
	if !o.watches() {
		return
	}
	s := o.server
	o.cache.epoch, o.cache.term, o.cache.adopts = s.epoch, s.term, s.adopts
	if !o.granted || !maps.Equal(o.cache.graves, s.graves) {
		o.granted = true
		o.state.SetGrants([]plane.Grant{{Namespace: namespace, Devices: parse("")}})
		o.cache.graves = maps.Clone(s.graves)
		o.bury(o.cache.graves)
	}
}

func (o *operator) bury(graves map[string]plane.Grave) {
	o.state.SetGraves(slices.Collect(maps.Values(graves)))
}

// watchDevices has the cache follow the Devices.
func (o *operator) watchDevices() {
	if !o.watches() {
		return
	}
	o.cache.labels = maps.Clone(o.server.labels)
	for _, id := range devices {
		o.state.SetDevice(id, o.cache.labels[id], o.now)
	}
}

// watchDeployments has the cache follow the Deployments, and reconciles each.
func (o *operator) watchDeployments() {
	if !o.watches() {
		return
	}
	o.cache.objects = maps.Clone(o.server.objects)
	for _, name := range workloads {
		o.reconcile(name)
	}
}

// follow is what an operator does about the FleetState that it sees.
func (o *operator) follow() {
	mine, f := o.state.Order(), o.cache
	if f.term < mine.Term && o.api {
		f = o.server.truth // the cache may be behind, or the API server was restored
	}
	if f.term != mine.Term && o.api || f.term > mine.Term {
		o.dead = true
		return
	}
	least := o.stale
	o.stale = 0
	if (least >= mine.Term || f.epoch > mine.Epoch || f.adopts != o.state.Adopts()) && o.api {
		o.raise(mine.Term, least)
	}
}

// look is what an operator does once a second.
func (o *operator) look() {
	if !o.api && o.now.Sub(o.cut) > leaseLasts || o.api && !o.watches() {
		o.dead = true
		return
	}
	if !o.nats {
		o.state.Excuse(o.now)
	} else {
		o.state.Sweep(o.now)
		for _, again := range o.state.Lagging(o.now, 200) {
			o.send(again)
		}
	}
	o.confirm()
	o.follow()
	n := o.state.Summary()
	if o.nats && n.Unwritten == 0 && (n.Awaited == 0 || o.now.Sub(o.since) > hearWithin) {
		o.converged = true
	}
}

// confirm asks the API server about what is in doubt.
func (o *operator) confirm() {
	if !o.api || o.dead {
		return
	}
	selectors := map[string]labels.Selector{}
	for _, p := range o.server.objects {
		selectors[p.uid] = parse(p.selector)
	}
	for _, d := range o.state.Doubts(o.now) {
		for _, uid := range o.state.Confirm(d.Device, o.server.labels[d.Device], selectors, o.now) {
			o.mayConfirm(d.Device, uid)
		}
	}
}

// write writes what devices are told.
func (o *operator) write() {
	if !o.nats || o.dead {
		return
	}
	all, _ := o.state.Next(o.now, 1000)
	for _, one := range all {
		o.mayTell(one)
		o.send(one)
	}
}

// hear takes a report.
func (o *operator) hear(id string, r plane.Report) {
	if held, stale := o.state.Report(id, r, o.now); stale {
		o.stale = max(o.stale, held.Term)
	}
}
