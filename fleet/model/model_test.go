// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package model

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Whatever people and faults do: nothing is removed that nobody wanted removed, no device goes back unless a person or a
// rollout said so, and when all may talk again the fleet is as the API server says, or says why not.
func TestAFleetLosesNothingAndHeals(t *testing.T) {
	for part := range 20 {
		t.Run(fmt.Sprint("part ", part+1), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				w := begin(t)
				t.Repeat(w.actions())
				w.heal()
			})
		})
	}
}

func (w *world) actions() map[string]func(*rapid.T) {
	return map[string]func(*rapid.T){
		"apply": w.apply, "apply again": w.apply, "resume": w.resume, "delete": w.remove, "label": w.label,
		"restore the API server": w.restore,
		"adopt": func(t *rapid.T) {
			if rapid.IntRange(0, 3).Draw(t, "seldom") == 0 {
				w.adopt()
			}
		},

		"watch Devices":     func(t *rapid.T) { w.anyOperator(t).watchDevices() },
		"watch Deployments": func(t *rapid.T) { w.anyOperator(t).watchDeployments() },
		"watch the fleet":   func(t *rapid.T) { w.anyOperator(t).watchFleet() },
		"follow":            func(t *rapid.T) { w.anyOperator(t).follow() },
		"write":             func(t *rapid.T) { w.anyOperator(t).write() },
		"say":               func(t *rapid.T) { w.anyOperator(t).say() },
		"another operator":  func(*rapid.T) { w.takeOver() },
		"told and not said": w.toldNotSaid,
		"operator ends":     func(t *rapid.T) { w.anyOperator(t).dead = true },
		"operator loses the API": func(t *rapid.T) {
			o := w.anyOperator(t)
			o.api, o.cut = !o.api, w.now
		},
		"operator loses NATS": func(t *rapid.T) { o := w.anyOperator(t); o.nats = !o.nats },

		"carry":     w.carrySome,
		"disturb":   w.disturb,
		"old state": w.republish,
		"bucket lost": func(*rapid.T) {
			w.down = nil
			for _, o := range w.living() {
				o.state.Rewrite()
			}
		},

		"work": func(t *rapid.T) {
			w.anyBox(t).work(rapid.IntRange(1, 3).Draw(t, "steps"), rapid.Bool().Draw(t, "crash"))
		},
		"report":  func(t *rapid.T) { w.say(w.anyBox(t)) },
		"restart": func(t *rapid.T) { w.anyBox(t).restart() },
		"state file lost": func(t *rapid.T) {
			if rapid.Bool().Draw(t, "lost") {
				w.anyBox(t).lose()
			}
		},
		"clone":          w.clone,
		"device offline": func(t *rapid.T) { b := w.anyBox(t); b.linked = !b.linked },

		"a good while": func(t *rapid.T) {
			for range rapid.IntRange(1, 8).Draw(t, "rounds") {
				w.round()
			}
		},
		"a long time": w.long,
		"time":        func(t *rapid.T) { w.pass(time.Duration(rapid.IntRange(1, 70).Draw(t, "seconds")) * time.Second) },
		"":            func(t *rapid.T) { w.t = t },
	}
}

// long is so long that what is deleted waits for no device that is offline.
func (w *world) long(t *rapid.T) {
	if rapid.Bool().Draw(t, "long") {
		w.pass(offlineLimit)
	}
}

// carrySome carries what is on its way, in any order.
func (w *world) carrySome(t *rapid.T) {
	for range min(len(w.down), 4) {
		i := rapid.IntRange(0, len(w.down)-1).Draw(t, "which")
		p := w.down[i]
		w.down = append(w.down[:i:i], w.down[i+1:]...)
		w.carry(p, rapid.IntRange(0, 5).Draw(t, "crash") == 0)
	}
	for range min(len(w.up), 4) {
		i := rapid.IntRange(0, len(w.up)-1).Draw(t, "which")
		s := w.up[i]
		w.up = append(w.up[:i:i], w.up[i+1:]...)
		w.voice(s)
	}
}

// disturb loses or repeats what is on its way.
func (w *world) disturb(t *rapid.T) {
	twice := rapid.Bool().Draw(t, "twice")
	if len(w.down) > 0 {
		i := rapid.IntRange(0, len(w.down)-1).Draw(t, "manifest")
		p := w.down[i]
		w.down = append(w.down[:i:i], w.down[i+1:]...)
		if twice {
			w.down = append(w.down, p, p)
		}
	}
	if len(w.up) > 0 {
		i := rapid.IntRange(0, len(w.up)-1).Draw(t, "report")
		s := w.up[i]
		w.up = append(w.up[:i:i], w.up[i+1:]...)
		if twice {
			w.up = append(w.up, s, s)
		}
	}
}

// republish is what a bucket does that was restored to an older state.
func (w *world) republish(t *rapid.T) {
	if len(w.written) > 0 {
		w.down = append(w.down, w.written[rapid.IntRange(0, len(w.written)-1).Draw(t, "manifest")])
	}
}

func (w *world) say(b *box) {
	if b.linked {
		w.up = append(w.up, saying{b.id, b.report()})
	}
}
