// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package fleetfaults

import (
	"context"
	"errors"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
	"nationtech.io/harmony/fleet/sim"
	"nationtech.io/harmony/wait"
)

// objects are faults of what stands in the API server.
func objects() []fault {
	return []fault{
		{name: "restored-from-a-backup", calm: true, do: restoreObject},
		{name: "restored-from-a-backup-while-the-operator-is-down", calm: true, do: func(w *world) {
			backup, later := w.backup()
			w.operator.down()
			w.restoreOver(backup, later)
			check(w.t, w.operator.up())
		}},
		{name: "finalizer-limit-passed-while-offline", calm: true, do: passLimit, flags: []string{"--offline-limit", "3s"}},
		{name: "recreated-under-the-same-name", do: func(w *world) {
			for range 4 {
				w.moment(500*time.Millisecond, 2*time.Second)
				w.recreate("web-0")
			}
		}},
	}
}

func (w *world) deployment(ctx context.Context, name string) (*fleet.Deployment, error) {
	var d fleet.Deployment
	err := w.client.Get(ctx, client.ObjectKey{Namespace: w.namespace, Name: name}, &d)
	return &d, err
}

// backup keeps a Deployment as it stands, and lets it ask for something else twice.
func (w *world) backup() (backup, later *fleet.Deployment) {
	w.t.Helper()
	backup, err := w.deployment(w.t.Context(), "web-0")
	check(w.t, err)
	w.putAny(0)
	w.settled(heals)
	w.putAny(0)
	w.settled(heals)
	later, err = w.deployment(w.t.Context(), "web-0")
	check(w.t, err)
	return backup, later
}

// restoreOver writes what a backup has over what stands, the status too, as tools for backups do.
func (w *world) restoreOver(backup, later *fleet.Deployment) {
	w.t.Helper()
	later.Spec = backup.Spec
	check(w.t, w.client.Update(w.t.Context(), later))
	check(w.t, w.acknowledge(later))
	later.Status = backup.Status
	check(w.t, w.client.Status().Update(w.t.Context(), later))
}

func restoreObject(w *world) {
	backup, later := w.backup()
	w.restoreOver(backup, later)
}

// recreate deletes a Deployment and makes another one under its name.
func (w *world) recreate(name string) {
	w.t.Helper()
	check(w.t, w.drop(w.t.Context(), name))
	check(w.t, w.gone(name))
	if err := w.put(w.t.Context(), name, where(0), w.any()); err != nil && !errors.Is(err, errGoing) {
		w.t.Fatal(err)
	}
}

// gone waits until an object is gone, or the load has made another one of its name.
func (w *world) gone(name string) error {
	return wait.Until(w.t.Context(), name+" to be gone", wait.Pace{Limit: time.Minute}, func(ctx context.Context) (string, bool, error) {
		d, err := w.deployment(ctx, name)
		if apierrors.IsNotFound(err) {
			return "", true, nil
		}
		return "it is there", err == nil && d.DeletionTimestamp == nil, nil
	})
}

// passLimit lets Deployments go while devices are off that have them.
func passLimit(w *world) {
	off := w.some(few / 3)
	for _, b := range off {
		b.device.Behave(sim.Behaviour{Offline: sim.Span{To: time.Hour}})
		b.away = true
	}
	check(w.t, wait.Sleep(w.t.Context(), offline))
	before := w.intents()
	w.recreate("web-0")
	check(w.t, w.drop(w.t.Context(), "web-1"))
	check(w.t, w.gone("web-1"))
	w.settled(heals)
	for _, b := range off {
		for _, i := range before {
			if runs, err := b.runs(w.t.Context()); err != nil || i.selects(b) && runs[i.uid] != i.digest {
				w.t.Errorf("%s does not run %s any more while it is off: %v", b.id, i.name, err)
			}
		}
	}
	for _, b := range off {
		b.away = false
		b.device.Behave(sim.Behaviour{})
	}
}
