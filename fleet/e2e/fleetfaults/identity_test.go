// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package fleetfaults

import (
	"context"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/sim"
	"nationtech.io/harmony/wait"
)

// identities are faults of who is who.
func identities() []fault {
	return []fault{
		{name: "cloned-disk", do: clone},
		{name: "id-reused", do: reuse},
		{name: "labels-flap", do: flap},
	}
}

// clone lets a second machine live that has the disk of a device.
func clone(w *world) {
	of := w.some(1)[0]
	w.moment(200*time.Millisecond, 2*time.Second)
	twin := w.join(of.far, []contract.DeviceID{of.id})
	of.odd = true
	w.moment(8*time.Second, 12*time.Second)
	w.calm()
	w.settled(heals)
	w.note("true_of_others=true")
	w.leaves[twin]()
	of.odd = false
	// The finding lasts two minutes longer; the one that is left is told nothing until then.
	check(w.t, wait.Sleep(w.t.Context(), forgotten))
}

// reuse enrols another machine under the name of one that is gone.
func reuse(w *world) {
	b := w.some(1)[0]
	b.device.Behave(sim.Behaviour{Offline: sim.Span{To: 100 * time.Hour}})
	b.odd = true
	w.moment(time.Second, 3*time.Second)
	check(w.t, w.retry(w.t.Context(), "that a device is not enrolled", func(ctx context.Context) error {
		return client.IgnoreNotFound(w.client.Delete(ctx, b.object(w.namespace)))
	}))
	w.moment(time.Second, 3*time.Second)
	check(w.t, w.make(w.t.Context(), b.object(w.namespace)))
	b.device = w.join(b.far, []contract.DeviceID{b.id}).Devices()[0]
	b.odd = false
}

// flap takes labels from devices and gives them back, for ever shorter than is a proof that a workload is not wanted.
func flap(w *world) {
	flapping := w.some(few / 2)
	for until := time.Now().Add(25 * time.Second); time.Now().Before(until); {
		for _, b := range flapping {
			w.label(b, w.random.IntN(2) == 0)
		}
	}
	for _, b := range flapping {
		w.label(b, true)
	}
}

// label gives a device its labels, or none.
func (w *world) label(b *box, has bool) {
	check(w.t, w.retry(w.t.Context(), "a label", func(ctx context.Context) error {
		before := b.object(w.namespace)
		if err := w.client.Get(ctx, client.ObjectKeyFromObject(before), before); err != nil {
			return err
		}
		now := before.DeepCopy()
		if now.Labels = nil; has {
			now.Labels = b.labels
		}
		return w.client.Patch(ctx, now, client.MergeFrom(before))
	}))
}
