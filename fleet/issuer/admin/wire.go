// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package admin

import (
	"time"

	"nationtech.io/harmony/fleet/contract"
)

// Enrolment is what a machine shall have.
type Enrolment struct {
	Roles []contract.Role `json:"roles"`
	// Key is a public key to add, as a PEM block "PUBLIC KEY"; empty for none.
	Key string `json:"key,omitempty"`
}

// Machine is what the issuer tells of a machine.
type Machine struct {
	Name      string          `json:"name"`
	Roles     []contract.Role `json:"roles"`
	Keys      []string        `json:"keys"` // their ids
	HasSecret bool            `json:"has_secret,omitempty"`
	Enrolled  time.Time       `json:"enrolled"`
	Revoked   time.Time       `json:"revoked,omitzero"` // zero while it has its rights
}

// Person is what the issuer tells of a person.
type Person struct {
	Name  string          `json:"name"`
	Roles []contract.Role `json:"roles"`
	Since time.Time       `json:"since"` // of the password
}

// List is everybody.
type List struct {
	Machines []Machine `json:"machines"`
	People   []Person  `json:"people"`
}

// Refusal is why something was not done.
type Refusal struct {
	Code   string `json:"code,omitempty"` // of docs/errors
	Reason string `json:"reason"`
}
