// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/labels"

	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
)

// reported are the labels that devices give themselves and that selectors may see. The zero value has none. They are read from
// the status of a Device, and its own labels stay as they are: the operator has no right to change a Device.
type reported struct {
	mu   sync.Mutex           // held while the plane is told of Devices, so that what was seen before is not told after
	from fleet.FleetStateSpec // that was learnt last; it names them
}

// learnt tells whether a FleetState says who may target what, and which labels are seen, as it was learnt last.
func (r *reported) learnt(f *fleet.FleetState) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Equal(r.from.ReportedLabels, f.Spec.ReportedLabels) && equality.Semantic.DeepEqual(r.from.Grants, f.Spec.Grants)
}

// set tells the plane of a Device.
func (r *reported) set(o *operator, d *fleet.Device) {
	r.mu.Lock()
	defer r.mu.Unlock()
	o.state.SetDevice(d.Name, r.seen(d), time.Now())
}

// drop tells the plane that a Device is gone.
func (r *reported) drop(o *operator, device string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	o.state.DropDevice(device)
}

// of are the labels of a device that selectors see, as seen now.
func (r *reported) of(d *fleet.Device) labels.Set {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.seen(d)
}

// seen are the labels of a device that selectors see.
func (r *reported) seen(d *fleet.Device) labels.Set {
	if len(r.from.ReportedLabels) == 0 || d.Status.Inventory == nil {
		return d.Labels
	}
	var all labels.Set
	for _, l := range d.Status.Inventory.Labels {
		if !slices.Contains(r.from.ReportedLabels, l.Name) {
			continue
		}
		if all == nil {
			all = labels.Set{}
			maps.Copy(all, d.Labels)
		}
		all[fleet.ReportedPrefix+l.Name] = l.Value
	}
	if all == nil {
		return d.Labels
	}
	return all
}

// learn takes which ones may be seen, and tells the plane of all Devices anew when others are.
func (r *reported) learn(ctx context.Context, o *operator, now fleet.FleetStateSpec) {
	r.mu.Lock()
	defer r.mu.Unlock()
	before := r.from
	r.from = now
	if slices.Equal(before.ReportedLabels, now.ReportedLabels) {
		return
	}
	var all fleet.DeviceList
	if err := o.client.List(ctx, &all); err != nil {
		o.log.Warn("labels that devices report are seen when their Devices change next", "reason", err.Error())
		return
	}
	for i := range all.Items {
		d := &all.Items[i]
		o.state.SetDevice(d.Name, r.seen(d), time.Now())
	}
}
