// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package model

import (
	"time"

	"nationtech.io/harmony/fleet/agent/decide"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/operator/plane"
)

// A history is what was ever true and acknowledged, whatever was restored since.
type history struct {
	asked     map[plane.Release]map[string]int // the latest intent of a release, by UID
	takenBack map[plane.Release]bool           // releases that rollouts took devices back to
	deleted   map[string]time.Time             // by UID
	replaced  map[string]bool                  // by UID: another one stood under its name later
	unwanted  map[pair]bool                    // the Deployment did not select the device
	proved    map[pair]bool                    // nor did it while labels were stable for a minute
	changed   map[string]time.Time             // when the labels of a device last changed
	restored  bool
}

type pair struct{ device, uid string }

// A past is what a box ran last of a UID, and in which epoch.
type past struct {
	release plane.Release
	epoch   int64
}

const stableFor = time.Minute

// note notes what is true now.
func (w *world) note() {
	for name, p := range w.server.objects {
		r := plane.Release{Digest: p.content, Generation: p.generation}
		if w.asked[r] == nil {
			w.asked[r] = map[string]int{}
		}
		w.asked[r][p.uid] = max(w.asked[r][p.uid], p.intent)
		if _, known := w.deleted[p.uid]; p.deleting && !known {
			w.deleted[p.uid] = w.now
		}
		for _, uid := range w.ever[name] {
			if uid != p.uid {
				w.replaced[uid] = true
			}
		}
		for _, id := range devices {
			if !w.server.selects(p, id) {
				w.unwanted[pair{id, p.uid}] = true
				w.proved[pair{id, p.uid}] = w.proved[pair{id, p.uid}] || w.now.Sub(w.changed[id]) >= stableFor
			}
		}
	}
}

// mayTell checks what an operator is about to tell a device: it asks for what a person or a rollout asked for, and for no
// removal without a proof.
func (o *operator) mayTell(one plane.Write) {
	w := o.world
	for _, e := range one.Entries {
		_, deleted := w.deleted[e.UID]
		switch {
		case e.Absent && !deleted && !w.proved[pair{one.Device, e.UID}]:
			w.t.Fatalf("%s is told to remove %s, and nobody ever wanted that", one.Device, e.UID)
		case !e.Absent && !w.wanted(e.UID, plane.Release{Digest: e.Digest, Generation: e.Generation}):
			w.t.Fatalf("%s is told a release that nobody asked for: %+v", one.Device, e)
		}
	}
}

// mayConfirm checks that a Deployment does not select a device when an operator takes it for confirmed. That is a proof from then on,
// also where labels came and went between two looks.
func (w *world) mayConfirm(device, uid string) {
	for _, p := range w.server.objects {
		if p.uid == uid && !w.server.selects(p, device) {
			w.proved[pair{device, uid}] = true
			return
		}
	}
	w.t.Fatalf("%s is taken for confirmed not to be selected by %s, and is", device, uid)
}

func (w *world) wanted(uid string, r plane.Release) bool {
	_, asked := w.asked[r][uid]
	return asked || w.takenBack[r]
}

// mayStop checks a removal on a device. One that has lost its state file cannot tell an old manifest from a new one: it may obey an
// old one in which something else had the name, until it hears the new one.
func (w *world) mayStop(b *box, uid contract.WorkloadUID) {
	_, deleted := w.deleted[uid.String()]
	if !deleted && !w.replaced[uid.String()] && !w.unwanted[pair{b.id, uid.String()}] && !b.lost {
		w.t.Fatalf("%s removes %s, which was never deleted and always wanted there", b.id, uid)
	}
}

// mayRun checks that a device does not go back. Only a new epoch may ask for a lower generation, and only a rollout that takes
// back for an older content; after a restoration people may ask again for what has the generation of something newer.
func (w *world) mayRun(b *box, uid contract.WorkloadUID, r decide.Record) {
	now := past{plane.Release{Digest: r.Digest.String(), Generation: r.Generation}, b.held.Order.Epoch}
	if before, ran := b.ran[uid]; ran && before.epoch >= now.epoch {
		older := w.asked[now.release][uid.String()] < w.asked[before.release][uid.String()]
		if now.release.Generation < before.release.Generation || older && !w.takenBack[now.release] && !w.restored {
			w.t.Fatalf("%s goes back from %+v to %+v of %s", b.id, before, now, uid)
		}
		now.epoch = max(now.epoch, before.epoch)
	}
	b.ran[uid] = now
}
