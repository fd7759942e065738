// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
)

const (
	normal, warning = corev1.EventTypeNormal, corev1.EventTypeWarning
	// A Deployment that is being removed is looked at again after lookSoon, and less and less often up to lookSeldom.
	lookSoon, lookSeldom = 100 * time.Millisecond, 10 * time.Second
	// buriedFor is for how long a Deployment that is gone is remembered; devices remember as long. The last leastBuried are
	// remembered whatever the clock says, which may have been set to another year.
	buriedFor   = 90 * 24 * time.Hour
	leastBuried = 500
	maxBuried   = 4096
	shown       = 5 // devices that are named in a sentence
)

// remove lets a Deployment go when no device has it any more, or when the time for that is over. It is in the graveyard
// first: a device that comes back later is then still told to remove it.
func (d *deployments) remove(ctx context.Context, p *fleet.Deployment) (ctrl.Result, error) {
	online, offline := d.state.Holding(string(p.UID))
	waited := d.waited(client.ObjectKeyFromObject(p))
	switch {
	case len(online)+len(offline) == 0 && d.converged.Load():
	case !d.converged.Load(), len(online) > 0 && waited < d.RemovalLimit, len(offline) > 0 && waited < d.OfflineLimit:
		d.state.Recount(string(p.UID)) // its status names them
		return ctrl.Result{RequeueAfter: min(max(waited/4, lookSoon), lookSeldom)}, nil
	default:
		d.recorder.Eventf(p, nil, warning, "RemovalUnfinished", "Remove", "gone after %s without the word of %s; they remove it when they come back",
			waited.Round(time.Second), some(slices.Concat(online, offline)))
	}
	if err := d.bury(ctx, p); err != nil {
		return ctrl.Result{}, err
	}
	// Its releases would go with it, some time later: whoever sees the Deployment gone may count on it that all is.
	if err := d.drop(ctx, p, 0, nil); err != nil {
		return ctrl.Result{}, err
	}
	before := p.DeepCopy()
	controllerutil.RemoveFinalizer(p, fleet.Finalizer)
	if err := d.client.Patch(ctx, p, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})); client.IgnoreNotFound(err) != nil {
		return ctrl.Result{}, fmt.Errorf("let Deployment %s go: %w", p.Name, err)
	}
	return ctrl.Result{}, nil
}

// bury writes a Deployment into the graveyard.
func (d *deployments) bury(ctx context.Context, p *fleet.Deployment) error {
	return d.amend(ctx, func(f *fleet.FleetState) {
		f.Status.Removed = buried(f.Status.Removed, fleet.RemovedDeployment{
			UID: string(p.UID), Namespace: p.Namespace, Name: p.Name, Generation: p.Generation, Time: metav1.Now(),
		})
	})
}

// buried adds one to the graveyard, which has the latest at its end, and leaves out those that are old.
func buried(all []fleet.RemovedDeployment, one fleet.RemovedDeployment) []fleet.RemovedDeployment {
	all = slices.DeleteFunc(all, func(r fleet.RemovedDeployment) bool { return r.UID == one.UID })
	all = append(all, one)
	for len(all) > maxBuried || len(all) > leastBuried && one.Time.Sub(all[0].Time.Time) > buriedFor {
		all = all[1:]
	}
	return all
}

// some names devices in a sentence.
func some(devices []string) string {
	if len(devices) <= shown {
		return strings.Join(devices, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(devices[:shown], ", "), len(devices)-shown)
}
