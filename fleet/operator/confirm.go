// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"cmp"
	"context"
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

// confirm asks the API server itself before devices are told that a Deployment does not select them any more. Devices and
// Deployments are watched apart from each other, and either may be behind. What it does not confirm stays in doubt, and on devices.
func (r *reign) confirm(ctx context.Context, now time.Time) error {
	doubts := r.state.Doubts(now)
	if len(doubts) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, confirmLimit)
	defer cancel()
	selectors, err := r.selectors(ctx, doubts)
	var devices map[string]labels.Set
	if err == nil {
		devices, err = r.labels(ctx, doubts)
	}
	if err != nil {
		r.log.Warn("nothing is removed from devices that are selected no longer: the API server does not confirm it", "devices", len(doubts), "reason", err.Error())
		return askAgain(ctx)
	}
	left := 0
	for _, d := range doubts {
		l, is := devices[d.Device]
		if !is || len(r.state.Confirm(d.Device, l, selectors, now)) < len(d.Of) {
			left++
		}
	}
	if left > 0 && left != r.unconfirmed {
		r.log.Info("devices keep what does not select them as far as is watched, and the API server says otherwise", "devices", left)
	}
	if r.unconfirmed = left; left == 0 {
		return nil
	}
	return askAgain(ctx)
}

// askAgain waits before the API server is asked the same again.
func askAgain(ctx context.Context) error {
	_ = wait.Sleep(ctx, lookEvery) // who leads no longer need not wait
	return nil
}

// selectors are those of the Deployments that still exist, by UID.
func (r *reign) selectors(ctx context.Context, doubts []plane.Doubt) (map[string]labels.Selector, error) {
	all, asked := map[string]labels.Selector{}, map[string]bool{}
	for _, d := range doubts {
		for _, uid := range d.Of {
			told, known := r.state.Deployment(uid)
			if asked[uid] || !known {
				continue
			}
			asked[uid] = true
			var p fleet.Deployment
			err := r.reader.Get(ctx, types.NamespacedName{Namespace: told.Namespace, Name: told.Name}, &p)
			if client.IgnoreNotFound(err) != nil {
				return nil, fmt.Errorf("read Deployment %s/%s: %w", told.Namespace, told.Name, err)
			}
			if err != nil || string(p.UID) != uid {
				continue
			}
			if selector, err := metav1.LabelSelectorAsSelector(&p.Spec.TargetSelector); err == nil {
				all[uid] = selector
			}
		}
	}
	return all, nil
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
