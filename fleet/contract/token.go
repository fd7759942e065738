// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package contract

// The claims of an access token that are the fleet's own.
const (
	// ClaimDevice holds the id of the device; it is there if the token has the role of a device.
	ClaimDevice = "device_id"
	// ClaimRoles holds the roles, as a list of texts.
	ClaimRoles = "roles"
)

// A Role is what an identity provider says that somebody is to the fleet.
type Role string

// The roles that a token may have. There is none for an administrator: that is a user which the servers know by themselves.
const (
	RoleDevice   Role = "device"   // a device, with the rights of its id
	RoleOperator Role = "operator" // the control plane
	RoleReader   Role = "reader"   // hears what devices report, and says nothing
)

// Known tells whether it is one of the three.
func (r Role) Known() bool { return r == RoleDevice || r == RoleOperator || r == RoleReader }

// NATSAudience is the audience of tokens that are for the NATS of that control plane.
func NATSAudience(plane PlaneID) string { return "nats:" + plane.String() }
