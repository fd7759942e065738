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

// JoinToken is what devices may ask with to join; of the token itself only the id goes over the wire.
type JoinToken struct {
	ID   string `json:"id"`
	Left int    `json:"left"`
	// Until is when it expires.
	Until     time.Time         `json:"until"`
	Made      time.Time         `json:"made,omitzero"`
	Automatic bool              `json:"automatic,omitempty"`
	Devices   []string          `json:"devices,omitempty"`
	Prefix    string            `json:"prefix,omitempty"`
	Labels    map[string]string `json:"labels,omitempty"`
	Access    contract.Access   `json:"access"`
}

// Join is the question of a device whether it may join.
type Join struct {
	Device string `json:"device"`
	// Key is the id of its key: what the device shows, too.
	Key      string                `json:"key"`
	Facts    contract.JoinFacts    `json:"facts"`
	From     string                `json:"from"` // the address that it asked from
	Standing contract.JoinStanding `json:"standing"`
	Asked    time.Time             `json:"asked"`
	// Taken is true while another device has that name, or one that was revoked.
	Taken  bool              `json:"taken,omitempty"`
	Labels map[string]string `json:"labels,omitempty"`
}

// Approval answers the question of a device that has asked with that key.
type Approval struct {
	Key string `json:"key"`
	// Replace takes all other keys from a device of that name.
	Replace bool `json:"replace,omitempty"`
}
