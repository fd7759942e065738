// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
	"nationtech.io/harmony/fleet/operator/plane"
	"nationtech.io/harmony/wait"
)

const (
	confirmEvery = 250 * time.Millisecond // how often is looked for removals that are in doubt
	confirmLimit = time.Minute            // for as long as the API server may take to answer
	askOneByOne  = 100                    // devices at most; of more, all of the fleet are listed
	listPage     = 500                    // devices in one answer
)

// confirm asks the API server itself before devices are told that a Deployment does not select them any more. Devices, Deployments
// and the FleetState are watched apart from each other, and any may be behind. What it does not confirm stays in doubt, and on devices.
func (r *reign) confirm(ctx context.Context, now time.Time) error {
	doubts := r.state.Doubts(now)
	if len(doubts) == 0 {
		r.unconfirmed = 0
		return nil
	}
	asking, cancel := context.WithTimeout(ctx, confirmLimit)
	defer cancel()
	left, err := r.resolve(asking, doubts, now)
	if left > 0 && left != r.unconfirmed && ctx.Err() == nil {
		reason := "it has others, or what is known has changed meanwhile"
		if err != nil {
			reason = err.Error()
		}
		r.log.Warn("devices keep what selects them no longer as far as is watched: the API server does not confirm that yet", "devices", left, "reason", reason)
	}
	if r.unconfirmed = left; left > 0 {
		_ = wait.Sleep(ctx, lookEvery) // before the same is asked again; who leads no longer need not wait
	}
	return nil
}

// resolve asks about what is in doubt, and gives how many devices are left. An error may be of some of them alone.
func (r *reign) resolve(ctx context.Context, doubts []plane.Doubt, now time.Time) (left int, err error) {
	selectors, some := r.selectors(ctx, doubts)
	open := slices.DeleteFunc(slices.Clone(doubts), func(d plane.Doubt) bool {
		return !slices.ContainsFunc(d.Of, func(uid string) bool { return selectors[uid] != nil })
	})
	if len(open) == 0 {
		return len(doubts), some
	}
	f, err := r.fleet(ctx)
	if err != nil {
		return len(doubts), errors.Join(some, err)
	}
	if !r.reported.learnt(f) {
		return len(doubts), some
	}
	devices, err := r.labels(ctx, open)
	if err != nil {
		return len(doubts), errors.Join(some, err)
	}
	confirmed := 0
	for _, d := range open {
		if l, is := devices[d.Device]; is && len(r.state.Confirm(d.Device, l, selectors, now)) == len(d.Of) {
			confirmed++
		}
	}
	return len(doubts) - confirmed, some
}

// selectors are those of the Deployments that still exist and have the selector that is known, by UID. An error is of some of them.
func (r *reign) selectors(ctx context.Context, doubts []plane.Doubt) (all map[string]labels.Selector, some error) {
	all, asked := map[string]labels.Selector{}, map[string]bool{}
	for _, d := range doubts {
		for _, uid := range d.Of {
			told, known := r.state.Deployment(uid)
			if asked[uid] || !known {
				continue
			}
			asked[uid] = true
			var p fleet.Deployment
			if err := r.reader.Get(ctx, types.NamespacedName{Namespace: told.Namespace, Name: told.Name}, &p); err != nil {
				if !apierrors.IsNotFound(err) {
					some = errors.Join(some, fmt.Errorf("read Deployment %s/%s: %w", told.Namespace, told.Name, err))
				}
				continue
			}
			selector, err := metav1.LabelSelectorAsSelector(&p.Spec.TargetSelector)
			if err == nil && string(p.UID) == uid && selector.String() == told.Selector.String() {
				all[uid] = selector
			}
		}
	}
	return all, some
}

// labels are those of the devices that selectors see.
func (r *reign) labels(ctx context.Context, doubts []plane.Doubt) (map[string]labels.Set, error) {
	all := map[string]labels.Set{}
	if len(doubts) <= askOneByOne {
		for _, of := range doubts {
			var d fleet.Device
			err := r.reader.Get(ctx, types.NamespacedName{Name: of.Device}, &d)
			if apierrors.IsNotFound(err) {
				continue
			}
			if err != nil {
				return nil, fmt.Errorf("read Device %s: %w", of.Device, err)
			}
			all[d.Name] = r.reported.of(&d)
		}
		return all, nil
	}
	for next := ""; ; {
		var page fleet.DeviceList
		if err := r.reader.List(ctx, &page, client.MatchingFields{"spec.fleet": r.Namespace}, client.Limit(listPage), client.Continue(next)); err != nil {
			return nil, fmt.Errorf("list Devices: %w", err)
		}
		for i := range page.Items {
			d := &page.Items[i]
			if _, doubted := slices.BinarySearchFunc(doubts, d.Name, byDevice); doubted {
				all[d.Name] = r.reported.of(d)
			}
		}
		if next = page.Continue; next == "" {
			return all, nil
		}
	}
}

func byDevice(d plane.Doubt, name string) int { return cmp.Compare(d.Device, name) }
