// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package fleetfaults

import (
	"context"
	"fmt"
	"time"

	"nationtech.io/harmony/wait"
)

// networks are faults of what carries messages.
func networks() []fault {
	return []fault{
		{name: "devices-partitioned", do: func(w *world) { w.partition(w.far.sever, w.far.mend) }},
		{name: "devices-frozen", do: func(w *world) { w.partition(w.far.freeze, w.far.thaw) }},
		{name: "devices-half-open", do: func(w *world) { w.halve(w.far, few/3) }},
		{name: "operator-partitioned", do: func(w *world) { w.deafen(w.control.sever, w.control.mend) }},
		{name: "operator-frozen", do: func(w *world) { w.deafen(w.control.freeze, w.control.thaw) }},
		{name: "operator-half-open", do: func(w *world) { w.halve(w.control, 2) }},
	}
}

// offline is after how long the operator takes a silent device for offline, and some seconds.
const offline = 40 * time.Second

// partition keeps the devices that are far from NATS until the status says so.
func (w *world) partition(begin, end func()) {
	w.moment(200*time.Millisecond, 4*time.Second)
	begin()
	check(w.t, wait.Sleep(w.t.Context(), offline))
	w.calm()
	w.farAway(true)
	w.settled(heals)
	w.note("offline_seen=true")
	w.load()
	w.moment(time.Second, 3*time.Second)
	w.farAway(false)
	w.note("missed=%d", len(w.lost(w.t.Context())))
	end()
}

func (w *world) farAway(is bool) {
	for _, b := range w.boxes {
		b.away = b.far && is
	}
}

// deafen keeps the operator from NATS for some time.
func (w *world) deafen(begin, end func()) {
	w.moment(200*time.Millisecond, 4*time.Second)
	begin()
	w.moment(10*time.Second, 20*time.Second)
	end()
}

// halve leaves the connections over a wire half open, and waits until those at its end have found that out.
func (w *world) halve(of *wire, clients int) {
	w.moment(200*time.Millisecond, 4*time.Second)
	began := time.Now()
	of.halve()
	check(w.t, wait.Until(w.t.Context(), "new connections", wait.Pace{Limit: 90 * time.Second}, func(context.Context) (string, bool, error) {
		return fmt.Sprint(of.anew(), " of ", clients), of.anew() >= clients, nil
	}))
	w.note("found_after=%.0fs", time.Since(began).Seconds())
}
