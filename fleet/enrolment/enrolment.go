// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package enrolment

import (
	"context"

	"nationtech.io/harmony/fleet/assertion"
	"nationtech.io/harmony/fleet/contract"
)

// Provider is an identity provider at which devices are enrolled. Everything may be done again.
type Provider interface {
	// NewKey makes a private key of a kind that the provider takes.
	NewKey() (assertion.Key, []byte, error)
	// Takes refuses a public key, a PEM block "PUBLIC KEY", of a kind that the provider does not take.
	Takes(key []byte) error
	// Enrol makes a device known by a public key, a PEM block "PUBLIC KEY", beside the keys that it has. A device that was
	// revoked at Harmony's issuer comes back with a key that it never had.
	Enrol(ctx context.Context, device contract.DeviceID, key []byte) (Machine, error)
	// Retire takes a key, by its id, from a device for ever.
	Retire(ctx context.Context, device contract.DeviceID, key string) error
}

// Machine is a device as its provider knows it.
type Machine struct {
	// Keys are the ids of its keys.
	Keys []string
	// Name, KeyID and Scope are what the agent must say to this provider; empty where Harmony's issuer needs nothing, which knows a
	// key by assertion.PublicID.
	Name, KeyID, Scope string
}
