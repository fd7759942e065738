// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package enrolment

import (
	"context"

	"nationtech.io/harmony/fleet/assertion"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/issuer/admin"
)

// Issuer is Harmony's own. Its errors are Diagnostics with the code IssuerRefuses.
type Issuer struct{ Admin admin.Client }

var _ Provider = Issuer{}

// NewKey makes a key of the curve P-256.
func (Issuer) NewKey() (assertion.Key, []byte, error) { return assertion.New() }

// Takes leaves that to the issuer, which says so before it changes anything.
func (Issuer) Takes([]byte) error { return nil }

// Enrol makes a machine with the role of a device.
func (i Issuer) Enrol(ctx context.Context, device contract.DeviceID, key []byte) (Machine, error) {
	m, err := i.Admin.Enrol(ctx, device.String(), admin.Enrolment{Roles: []contract.Role{contract.RoleDevice}, Key: string(key)})
	return Machine{Keys: m.Keys}, err
}

// Retire takes a key from the machine.
func (i Issuer) Retire(ctx context.Context, device contract.DeviceID, key string) error {
	return i.Admin.Retire(ctx, device.String(), key)
}
