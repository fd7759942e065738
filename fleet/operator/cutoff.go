// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"context"
	"time"

	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/operator/kick"
)

// cutLimit bounds how long connections are looked for at a time.
const cutLimit = 30 * time.Second

// openKicker gives what closes connections; nil where there is no user for it.
func openKicker(c Config) (*kick.Kicker, error) {
	if c.Kick.User == "" {
		c.Log.Warn("connections of devices that are revoked, or that flood, are not closed: there is no user of NATS for it")
		return nil, nil //nolint:nilnil // an operator does without
	}
	return kick.Open(c.Kick, c.Log)
}

// cutOff closes the connections of devices that are revoked, and of those that flood. However many there are, the servers are
// asked once for all of them, and not again before four times as long has gone by as that took.
func (r *reign) cutOff(ctx context.Context, now time.Time) error {
	if r.kicker == nil || now.Before(r.rested) {
		return nil
	}
	var devices []contract.DeviceID
	names := r.cuts.take(now)
	for _, name := range names {
		if id, err := contract.ParseDeviceID(name); err == nil {
			devices = append(devices, id)
		}
	}
	if len(devices) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, cutLimit)
	defer cancel()
	began := time.Now()
	closed, err := r.kicker.Kick(ctx, devices...)
	took := time.Since(began)
	r.rested = began.Add(5 * took)
	r.cuts.done(names, began, err != nil)
	for device, connections := range closed {
		r.metrics.cut.Add(float64(connections))
		r.log.Info("audit", "what", "cut off", "device", device.String(), "why", r.why(device.String()), "connections", connections)
	}
	if err != nil {
		r.log.Warn("connections of devices were not closed, trying again", "devices", len(devices), "reason", err.Error())
		return nil
	}
	for _, name := range names {
		r.infos.mark(name)
	}
	return nil
}

func (r *reign) why(device string) string {
	if r.state.Revoked(device) {
		return "revoked"
	}
	return "flooding"
}

// setAccess takes whether a device is let in.
func (o *operator) setAccess(device string, revoked bool, now time.Time) {
	if !o.state.SetAccess(device, revoked, now) {
		return
	}
	if revoked {
		o.cuts.revoke(device, now)
	} else {
		o.cuts.forget(device)
	}
	o.infos.mark(device)
}
