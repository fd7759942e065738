// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package callouttest

import (
	"context"
	"sync"

	"nationtech.io/harmony/fleet/callout"
	"nationtech.io/harmony/fleet/contract"
)

// Directory is a fleet that a test says.
type Directory struct {
	plane contract.PlaneID
	mu    sync.Mutex
	known map[string]callout.Standing
}

var _ callout.Directory = (*Directory)(nil)

// Set says how a device stands.
func (d *Directory) Set(device string, standing callout.Standing) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.known[device] = standing
}

// Run waits for the end.
func (d *Directory) Run(ctx context.Context) error {
	<-ctx.Done()
	return nil
}

// Known is the control plane of the world's issuer.
func (d *Directory) Known(context.Context) (contract.PlaneID, error) { return d.plane, nil }

// Standing is what was said; NotEnrolled otherwise.
func (d *Directory) Standing(device contract.DeviceID) callout.Standing {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.known[device.String()]
}
