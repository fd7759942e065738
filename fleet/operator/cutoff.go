// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"cmp"
	"context"
	"time"

	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/operator/kick"
)

// cutLimit bounds how long connections are looked for at a time.
const cutLimit = 30 * time.Second

// openKicker gives what closes connections; nil where there is no user for it.
func openKicker(c Config) (*kick.Kicker, error) {
	if c.Kick.User == "" {
		c.Log.Warn("connections of devices that are revoked or deleted, have lost a key, or flood, are not closed: there is no user of NATS for it")
		return nil, nil //nolint:nilnil // an operator does without
	}
	return kick.Open(c.Kick, c.Log)
}

// cutOff closes the connections of devices that are revoked, were deleted, or have other keys, and of those that flood. However many
// there are, the servers are asked once for all of them, and not again before four times as long has gone by as that took.
func (r *reign) cutOff(ctx context.Context, now time.Time) error {
	if r.kicker == nil || now.Before(r.rested) {
		return nil
	}
	due := r.cuts.take(now)
	// Who was deleted while nobody led is nobody's to remember: the first look is for all that there is no Device of.
	first := !r.swept && now.Sub(r.since) >= denied && r.enrolled()
	if len(due) == 0 && !first {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, cutLimit)
	defer cancel()
	began := time.Now()
	closed, err := r.kicker.Kick(ctx, func(device contract.DeviceID) bool {
		_, is := due[device.String()]
		return is || first && !r.state.Known(device.String())
	})
	took := time.Since(began)
	r.rested = began.Add(5 * took)
	r.cuts.done(due, began, err != nil)
	for device, connections := range closed {
		r.metrics.cut.Add(float64(connections))
		r.log.Info("audit", "what", "cut off", "device", device.String(), "why", cmp.Or(due[device.String()], isDeleted), "connections", connections)
	}
	if err != nil {
		r.log.Warn("connections of devices were not closed, trying again", "devices", len(due), "reason", err.Error())
		r.rested = later(r.rested, began.Add(time.Second))
		return nil
	}
	r.swept = r.swept || first
	for name := range due {
		r.infos.mark(name)
	}
	return nil
}

// setAccess takes whether a device is let in.
func (o *operator) setAccess(device string, revoked bool, now time.Time) {
	if !o.state.SetAccess(device, revoked, now) {
		return
	}
	if revoked {
		o.cuts.revoke(device, now)
	} else {
		o.cuts.allow(device)
	}
	o.infos.mark(device)
}

// dropAccess takes that a device is not let in any more, as it is enrolled no longer. Who does not lead has nothing to remember: who
// leads next looks for all that are not enrolled.
func (o *operator) dropAccess(device string, now time.Time) {
	if o.leading.Load() {
		o.cuts.drop(device, now)
	} else {
		o.cuts.forget(device)
	}
}

// setKeys takes which keys a device has: whether some were taken from it, or it was made anew. before is what it was, if that is
// known. What was connected before usersLive has gone by itself.
func (o *operator) setKeys(before any, d *fleet.Device, now time.Time) {
	was, known := before.(*fleet.Device)
	if known && was.UID != d.UID {
		o.dropAccess(d.Name, now)
		known = false
	}
	if !known {
		o.cuts.enrolled(d.Name)
	}
	taken := d.Annotations[fleet.KeysTaken]
	if taken == "" || known && was.Annotations[fleet.KeysTaken] == taken {
		return
	}
	if at, err := time.Parse(time.RFC3339, taken); err == nil && now.Sub(at) > usersLive {
		return
	}
	o.cuts.rekey(d.Name, now)
}
