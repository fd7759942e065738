// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"time"

	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
)

// Reasons of the condition Ready of a Device, beside those that people's programs look for.
const (
	heard    = "Heard"
	silent   = "Silent"
	flooding = "Flooding"
)

// comesAndGoes tells whether a reason is one of those that are written late.
func comesAndGoes(reason string) bool { return reason == heard || reason == silent }

// standing says how it is with a device, whose condition Ready is whether it is online.
func (o *operator) standing(device string, online bool) (why, text string) {
	switch {
	case o.state.Revoked(device) && o.cuts.closed(device):
		return fleet.ReasonRevoked, "the device is not let in, and is not heard: its connections were closed"
	case o.state.Revoked(device) && o.kicker == nil:
		return fleet.ReasonRevoking, "the device is not let in anew, and is not heard; a connection that stands is not closed: the operator has no user of NATS for that"
	case o.state.Revoked(device):
		return fleet.ReasonRevoking, "the device is not let in anew, and is not heard; its connections are being closed"
	case o.state.Duplicate(device):
		return fleet.ReasonDuplicate, "two agents speak for the device, which is told nothing while both do: find the other one, and enrol it under a name of its own"
	case o.state.Flooding(device, time.Now()):
		return flooding, "the device sends more messages than are read of one: what is above is dropped, and while it lasts its connections are closed"
	case online:
		return heard, "the device is heard of"
	}
	return silent, "the device is not heard of"
}
