// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package enrolment

import (
	"context"

	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/issuer/admin"
)

// Provider is an identity provider at which devices are enrolled. Everything may be done again.
type Provider interface {
	// Enrol makes a device known by a public key, a PEM block "PUBLIC KEY", beside the keys that it has. A device that was
	// revoked comes back with a key that it never had.
	Enrol(ctx context.Context, device contract.DeviceID, key []byte) (Machine, error)
	// Retire takes a key, by its id, from a device for ever.
	Retire(ctx context.Context, device contract.DeviceID, key string) error
}

// Machine is a device as its provider knows it.
type Machine struct {
	// Keys are the ids of its keys.
	Keys []string
	// Name, KeyID and Scope are what the agent must say to this provider; empty where Harmony's issuer needs nothing.
	Name, KeyID, Scope string
}

// Issuer is Harmony's own. Its errors are Diagnostics with the code IssuerRefuses.
type Issuer struct{ Admin admin.Client }

var _ Provider = Issuer{}

// Enrol makes a machine with the role of a device.
func (i Issuer) Enrol(ctx context.Context, device contract.DeviceID, key []byte) (Machine, error) {
	m, err := i.Admin.Enrol(ctx, device.String(), admin.Enrolment{Roles: []contract.Role{contract.RoleDevice}, Key: string(key)})
	return Machine{Keys: m.Keys}, err
}

// Retire takes a key from the machine.
func (i Issuer) Retire(ctx context.Context, device contract.DeviceID, key string) error {
	return i.Admin.Retire(ctx, device.String(), key)
}
