// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package directory

import (
	"context"
	"sync"

	"github.com/go-logr/logr"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/client-go/tools/cache"
	"k8s.io/klog/v2"

	"nationtech.io/harmony/diag"
	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
	"nationtech.io/harmony/fleet/apiserver"
	"nationtech.io/harmony/fleet/callout"
	"nationtech.io/harmony/fleet/contract"
)

// Directory is the devices of one fleet.
type Directory struct {
	fleet   *apiserver.Fleet
	devices devices
}

var _ callout.Directory = (*Directory)(nil)

// Of gives the directory of a fleet, which knows nothing until it runs.
func Of(f *apiserver.Fleet) *Directory {
	return &Directory{f, devices{listed: make(chan struct{})}}
}

// Run watches the fleet's Devices until the context ends. Its error is that of apiserver.Fleet.Follow.
func (d *Directory) Run(ctx context.Context) error {
	plane, err := d.fleet.Plane(ctx)
	if err != nil {
		return nil
	}
	d.devices.plane = plane
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	log := logr.FromSlogHandler(d.fleet.Log.Handler())
	from := cache.NewListWatchFromClient(d.fleet.API, "devices", "", fields.OneTermEqualSelector("spec.fleet", d.fleet.Namespace))
	reflector := cache.NewReflectorWithOptions(from, &fleet.Device{}, &d.devices, cache.ReflectorOptions{Name: "directory", Logger: &log})
	var watching sync.WaitGroup
	watching.Go(func() { reflector.RunWithContext(klog.NewContext(ctx, log)) })
	err = d.fleet.Follow(ctx, plane)
	cancel()
	watching.Wait()
	return err
}

// Known waits until all Devices were read once.
func (d *Directory) Known(ctx context.Context) (contract.PlaneID, error) {
	select {
	case <-d.devices.listed:
		return d.devices.plane, nil
	case <-ctx.Done():
		return contract.PlaneID{}, diag.Ended(ctx)
	}
}

// Standing tells of a device, as the API server last said it.
func (d *Directory) Standing(id contract.DeviceID) callout.Standing {
	return d.devices.standing(id.String())
}
