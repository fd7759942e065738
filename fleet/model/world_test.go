// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package model

import (
	"maps"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/labels"
	"pgregory.net/rapid"

	"nationtech.io/harmony/fleet/agent/decide"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/operator/plane"
)

const namespace = "shop"

var (
	devices   = []string{"d0", "d1", "d2", "d3"}
	workloads = []string{"db", "web"}
)

// A world is a fleet, and what was ever true in it.
type world struct {
	history
	nats
	t                *rapid.T
	now              time.Time
	plane, elsewhere contract.PlaneID
	server           *server
	operators        []*operator
	boxes            []*box
	ever             map[string][]string // UIDs by the name of the Deployment
	bad              map[string]bool     // contents that fail wherever they run
	intents, made    int
}

func begin(t *rapid.T) *world {
	w := &world{
		t: t, now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), plane: contract.NewPlaneID(), elsewhere: contract.NewPlaneID(),
		ever: map[string][]string{}, bad: map[string]bool{},
		history: history{
			asked: map[plane.Release]map[string]int{}, takenBack: map[plane.Release]bool{}, deleted: map[string]time.Time{},
			replaced: map[string]bool{}, unwanted: map[pair]bool{}, proved: map[pair]bool{}, changed: map[string]time.Time{},
		},
	}
	w.server = newServer(w.note)
	for i, id := range devices {
		w.server.labels[id] = labels.Set{"site": sites[i%2]}
		w.boxes = append(w.boxes, w.box(id, decide.State{}))
	}
	if rapid.IntRange(0, 4).Draw(t, "of another plane") == 0 {
		w.boxes[0].keep(decide.State{Plane: w.elsewhere, Order: contract.Order{Epoch: 2, Term: 9, Number: 7}})
	}
	w.lead()
	return w
}

func (w *world) box(id string, held decide.State) *box {
	b := &box{
		world: w, id: id, disk: held, linked: true,
		runs: map[contract.WorkloadUID]decide.Record{}, ran: map[contract.WorkloadUID]past{},
	}
	b.restart()
	return b
}

// clone copies the disk of a device into a second machine, seldom.
func (w *world) clone(t *rapid.T) {
	if len(w.boxes) > len(devices) || rapid.IntRange(0, 3).Draw(t, "seldom") > 0 {
		return
	}
	of := w.anyBox(t)
	b := w.box(of.id, of.disk)
	b.runs, b.ran = maps.Clone(of.runs), maps.Clone(of.ran)
	w.boxes = append(w.boxes, b)
}

func (w *world) anyBox(t *rapid.T) *box {
	return w.boxes[rapid.IntRange(0, len(w.boxes)-1).Draw(t, "box")]
}

func (w *world) anyOperator(t *rapid.T) *operator {
	all := w.living()
	if len(all) == 0 {
		return w.lead()
	}
	return all[rapid.IntRange(0, len(all)-1).Draw(t, "operator")]
}

// living are the operators that run, the oldest first.
func (w *world) living() []*operator {
	w.operators = slices.DeleteFunc(w.operators, func(o *operator) bool { return o.dead })
	return w.operators
}

// takeOver has another operator lead. The one before goes on until it sees that; there are two at most.
func (w *world) takeOver() {
	for i, o := range w.living() {
		o.dead = i < len(w.operators)-1
	}
	w.lead()
}

// pass lets time go by. An operator goes round, and devices say that they live.
func (w *world) pass(d time.Duration) {
	w.now = w.now.Add(d)
	w.note()
	for _, b := range w.boxes {
		w.beat(b)
	}
	for _, o := range w.living() {
		o.watchFleet()
		o.look()
	}
}

func compare(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
