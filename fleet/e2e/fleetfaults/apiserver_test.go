// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package fleetfaults

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"

	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
	"nationtech.io/harmony/wait"
)

// apiServers are faults of the API server. They disturb all others.
func apiServers() []fault {
	return []fault{
		{name: "api-server-killed", alone: true, do: func(w *world) { w.killAPI("kube-apiserver"); w.killAPI("kube-apiserver") }},
		{name: "etcd-killed", alone: true, do: func(w *world) { w.killAPI("etcd"); w.killAPI("etcd") }},
		{name: "api-server-restored", alone: true, calm: true, do: func(w *world) { w.restoreAPI(func() {}) }},
		{name: "api-server-restored-after-an-operator-restart", alone: true, calm: true, do: func(w *world) { w.restoreAPI(w.killOperator) }},
	}
}

// killAPI kills a part of the API server at a random moment, and waits until it answers again.
func (w *world) killAPI(component string) {
	w.t.Helper()
	w.moment(500*time.Millisecond, 4*time.Second)
	check(w.t, w.kill(w.t.Context(), component))
	check(w.t, w.answers(w.t.Context()))
}

// restoreAPI takes the API server back to before ten changes, which devices have. Then a person raises the epoch, and devices follow.
func (w *world) restoreAPI(meanwhile func()) {
	backup := filepath.Join(w.dir, "etcd")
	check(w.t, w.stopped(w.t.Context(), false, func(dir string) error { return os.CopyFS(backup, os.DirFS(dir)) }))
	check(w.t, w.leads(w.t.Context(), 0))
	w.settled(time.Minute)
	restored := w.snapshot()
	meanwhile()
	w.change()
	w.settled(time.Minute)
	later := w.snapshot()

	check(w.t, w.stopped(w.t.Context(), true, func(dir string) error {
		if err := os.RemoveAll(dir); err != nil {
			return err
		}
		return os.CopyFS(dir, os.DirFS(backup))
	}))
	w.behind(true)
	check(w.t, wait.Sleep(w.t.Context(), 10*time.Second)) // what would be taken away wrongly would be by now
	for _, b := range w.boxes {
		runs, err := b.runs(w.t.Context())
		check(w.t, err)
		for _, i := range later {
			if is := runs[i.uid]; i.selects(b) && !b.refuses && is != i.digest {
				w.t.Errorf("%s has lost %s, which was acknowledged: it runs %.8s, not %.8s", b.id, i.name, is, i.digest)
			}
		}
	}
	said, err := os.ReadFile(filepath.Join(w.dir, "operator-one.log"))
	check(w.t, err)
	w.note("kept=%d behind=true operator_ended=%t", len(later), strings.Contains(string(said), "the API server went back"))
	w.adopt()
	w.mu.Lock()
	w.live = restored
	for _, i := range restored {
		w.ever[i.uid] = false
		// The one that was deleted was removed from all, rightly, before the API server forgot that.
		w.taken[i.uid] = w.removed(i.uid)
	}
	w.mu.Unlock()
}

// change is ten changes: contents, one that is deleted, two that are new, and one of them again.
func (w *world) change() {
	w.t.Helper()
	for i := range 6 {
		w.putAny(i)
	}
	check(w.t, w.drop(w.t.Context(), "web-5"))
	for _, name := range []string{"new-1", "new-2", "new-1"} {
		check(w.t, w.put(w.t.Context(), name, where(0), w.any()))
	}
}

func (w *world) snapshot() map[string]intent {
	w.mu.Lock()
	defer w.mu.Unlock()
	return maps.Clone(w.live)
}

// behind waits until the FleetState says whether devices hold a later state.
func (w *world) behind(is bool) {
	w.t.Helper()
	check(w.t, wait.Until(w.t.Context(), fmt.Sprint(fleet.ConditionBehind, " to be ", is), wait.Pace{Limit: time.Minute}, func(ctx context.Context) (string, bool, error) {
		f, err := w.state(ctx)
		c := meta.FindStatusCondition(f.Status.Conditions, fleet.ConditionBehind)
		if err != nil || c == nil {
			return fmt.Sprint(c, err), false, nil
		}
		return c.Message, (c.Status == "True") == is, nil
	}))
}

// adopt raises the epoch, as a person does after a restore.
func (w *world) adopt() {
	w.t.Helper()
	check(w.t, w.retry(w.t.Context(), "an epoch", func(ctx context.Context) error {
		before, err := w.state(ctx)
		if err != nil {
			return err
		}
		now := before.DeepCopy()
		now.Spec.Epoch++
		return w.client.Patch(ctx, now, client.MergeFrom(before))
	}))
}
