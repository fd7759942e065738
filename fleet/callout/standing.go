// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package callout

import (
	"context"

	"nationtech.io/harmony/fleet/callout/token"
	"nationtech.io/harmony/fleet/contract"
)

// A Standing is how a device stands with its fleet.
type Standing int

// The standings. A device is let in when it is Allowed.
const (
	NotEnrolled Standing = iota
	Allowed
	Revoked
)

// Reasons for a token that is good, and whose owner is a device that is not let in.
const (
	ReasonNotEnrolled token.Reason = "not-enrolled" // the fleet has no Device of that name
	ReasonRevoked     token.Reason = "revoked"      // spec.access of its Device says so
	// ReasonMisnamed is a connection that is not called contract.ConnectionName of its device: by that name it is found when it
	// must be cut off.
	ReasonMisnamed token.Reason = "misnamed"
)

// ReasonUnjudged is a token that could not be looked at, for no reason of its own.
const ReasonUnjudged token.Reason = "unjudged"

// A Directory says whose fleet this is, and which of its devices are let in.
type Directory interface {
	// Run keeps it current until the context ends. Its error, a Diagnostic, ends the callout.
	Run(ctx context.Context) error
	// Known waits until it knows the whole fleet for the first time, and gives its control plane. Its error is that the context
	// has ended.
	Known(ctx context.Context) (contract.PlaneID, error)
	// Standing tells of a device at once, from memory.
	Standing(device contract.DeviceID) Standing
}

// admit tells why a device is not let in on a connection of that name; it is empty for one that is.
func admit(d Directory, device contract.DeviceID, connection string) token.Reason {
	switch standing := d.Standing(device); {
	case standing == Revoked:
		return ReasonRevoked
	case standing != Allowed:
		return ReasonNotEnrolled
	case connection != contract.ConnectionName(device):
		return ReasonMisnamed
	}
	return ""
}
