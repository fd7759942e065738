// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package fleetfaults

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/wait"
)

// heals is for how long a fleet may be wrong after a fault is over.
const heals = 30 * time.Second

// runs is what runs on a device, as the device itself has it.
func (b *box) runs(ctx context.Context) (map[contract.WorkloadUID]contract.Digest, error) {
	if b.real != nil {
		return b.real.runs(ctx)
	}
	all := map[contract.WorkloadUID]contract.Digest{}
	for uid, is := range b.device.Runs() {
		all[uid] = is.Digest
	}
	return all, nil
}

// removed is how often devices were told to remove a workload, as simulated ones count it.
func (w *world) removed(uid contract.WorkloadUID) (n int) {
	for _, b := range w.books {
		n += b.Removed(uid)
	}
	return n
}

// wrong counts the workloads that were removed although nobody had deleted them, and contents that were not what they were fetched
// for.
func (w *world) wrong() (removed, contents int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for uid, deleted := range w.ever {
		if deleted {
			removed += w.early[uid]
		} else {
			removed += w.removed(uid) - w.taken[uid]
		}
	}
	for _, b := range w.books {
		contents += b.Counts().Wrong
	}
	for _, b := range w.boxes {
		if b.real != nil {
			removed += b.real.lost()
		}
	}
	return removed, contents
}

// unheard names the intents that a device was not told which refuses them.
func (b *box) unheard(intents []intent) (all []string) {
	held := b.device.Held()
	for _, i := range intents {
		if is := held.Records[i.uid]; i.selects(b) && is.Digest != i.digest {
			all = append(all, fmt.Sprintf("%s, which refuses all, was told %.8s of %s, not %.8s", b.id, is.Digest, i.name, i.digest))
		}
	}
	return all
}

// lost names the intents that were acknowledged and that a device does not have which is online and would run them.
func (w *world) lost(ctx context.Context) (all []string) {
	intents := w.intents()
	for _, b := range w.boxes {
		if b.away || b.odd {
			continue
		}
		if b.refuses {
			all = append(all, b.unheard(intents)...)
			continue
		}
		runs, err := b.runs(ctx)
		if err != nil {
			all = append(all, fmt.Sprintf("%s: %v", b.id, err))
			continue
		}
		for _, i := range intents {
			if is := runs[i.uid]; i.selects(b) && is != i.digest {
				all = append(all, fmt.Sprintf("%s runs %.8q of %s, not %.8s", b.id, is, i.name, i.digest))
			}
		}
		w.mu.Lock()
		for uid, deleted := range w.ever {
			if _, has := runs[uid]; has && deleted {
				all = append(all, fmt.Sprintf("%s still runs %s", b.id, uid))
			}
		}
		w.mu.Unlock()
	}
	slices.Sort(all)
	return all
}

// untrue names the Deployments whose status is not what the devices do.
func (w *world) untrue(ctx context.Context) (all []string) {
	for _, i := range w.intents() {
		var d fleet.Deployment
		if err := w.client.Get(ctx, client.ObjectKey{Namespace: w.namespace, Name: i.name}, &d); err != nil {
			all = append(all, fmt.Sprintf("%s: %v", i.name, err))
			continue
		}
		low, odd, err := w.count(ctx, i)
		switch is := d.Status.Devices; {
		case err != nil:
			all = append(all, err.Error())
		case string(d.UID) != i.uid.String():
			all = append(all, fmt.Sprintf("%s is another one", i.name))
		case d.Status.ObservedGeneration != d.Generation || d.Status.Release.Digest != i.digest.String():
			all = append(all, fmt.Sprintf("%s: the status is of generation %d and %.8s, not %d and %.8s", i.name, d.Status.ObservedGeneration, d.Status.Release.Digest, d.Generation, i.digest))
		case !within(is, low, odd):
			all = append(all, fmt.Sprintf("%s: the status says %+v, and devices do %+v, with %d of whom nobody knows", i.name, is, low, odd))
		}
	}
	slices.Sort(all)
	return all
}

// count counts the devices of an intent by what they do. odd are those of whom nobody can tell.
func (w *world) count(ctx context.Context, i intent) (n fleet.DeviceCounts, odd int32, err error) {
	for _, b := range w.boxes {
		if !i.selects(b) {
			continue
		}
		n.Matched++
		switch {
		case b.odd:
			odd++
			continue
		case b.away:
			n.Offline++
			continue
		case b.refuses:
			n.Failed++
			n.Updated++
			continue
		}
		runs, err := b.runs(ctx)
		if err != nil {
			return n, odd, err
		}
		if runs[i.uid] == i.digest {
			n.Ready++
			n.Updated++
		} else {
			n.Pending++
		}
	}
	return n, odd, nil
}

// within tells whether a status is what devices do, whatever the odd ones are taken for. Whether those that are away have the
// newest release is what they said last.
func within(is, low fleet.DeviceCounts, odd int32) bool {
	more := is.Ready - low.Ready + is.Failed - low.Failed + is.Pending - low.Pending + is.Offline - low.Offline
	return is.Matched == low.Matched && more == odd && is.Ready >= low.Ready && is.Failed >= low.Failed && is.Pending >= low.Pending &&
		is.Offline >= low.Offline && is.Updated >= low.Updated && is.Updated <= low.Updated+odd+low.Offline
}

// settle waits until every device that is online has all, and the status says so.
func (w *world) settle(limit time.Duration) (took time.Duration, err error) {
	began := time.Now()
	err = wait.Until(w.t.Context(), "the fleet to heal", wait.Pace{Limit: limit, Every: 200 * time.Millisecond}, func(ctx context.Context) (string, bool, error) {
		if lost := w.lost(ctx); len(lost) > 0 {
			return first("lost", lost), false, nil
		}
		if untrue := w.untrue(ctx); len(untrue) > 0 {
			return first("untrue", untrue), false, nil
		}
		return "", true, nil
	})
	return time.Since(began), err
}

// settled ends the case unless the fleet settles.
func (w *world) settled(limit time.Duration) {
	w.t.Helper()
	_, err := w.settle(limit)
	check(w.t, err)
}

func first(what string, all []string) string {
	return fmt.Sprintf("%d %s: %s", len(all), what, strings.Join(all[:min(3, len(all))], "; "))
}
