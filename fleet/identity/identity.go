// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package identity is what the fleet's Scores know of an identity provider: whichever it is, and wherever it stands. A
// Provider is the reference of a Score that places one, or of one that someone else runs.
package identity

import (
	"context"
	"net/http"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/kube"
)

// A Provider gives tokens to machines and people.
type Provider interface {
	// Facts are what callouts and agents are told of it. Its error is a Diagnostic if they are not known yet.
	Facts(ctx context.Context, on kube.Cluster) (Facts, error)
	// Pinned is the PEM text of the authority that its certificate is from; empty for those of the system.
	Pinned(ctx context.Context, on kube.Cluster) (string, harmony.Outcome, error)
	// Client reaches it from where Scores are interpreted.
	Client(ctx context.Context, on kube.Cluster) (*http.Client, error)
	// Machine is how a machine of that name shows who it is. Its error is a Diagnostic if the provider has no such machine.
	Machine(ctx context.Context, on kube.Reader, name string) (Machine, error)
}

// Facts are the same for all that a provider gives tokens to.
type Facts struct {
	// Issuer is its name, an address from which it is discovered.
	Issuer string
	// DeviceClaim and RolesClaim are the claims with the id of a device and with roles, Audience is what its tokens are for; where
	// one is empty, it is that of the fleet's own issuer.
	DeviceClaim, RolesClaim, Audience string
	// Scope is what a machine asks for when it asks for a token.
	Scope string
	// AssertionAudience is whom the assertions of machines are for, where that is not the Issuer, and Client the client as which
	// they ask, where the provider wants one.
	AssertionAudience, Client string
	// Kind is which kind of provider it is to who enrols devices, of package contract; empty for one at which that is done by hand.
	// Enroller is the machine by whose key that is done, where it is a machine.
	Kind     string
	Enroller Machine
}

// A Machine has a private key, which stands in a Secret of the fleet's namespace under KeyFile.
type Machine struct {
	Secret string
	// Name is what the provider calls it, and KeyID what it calls the key; both are empty where the fleet knows them by itself: the
	// id of a device, and what is computed from the key.
	Name, KeyID string
}

// KeyFile is the key of a machine's private key in its Secret, as PEM text (PKCS #8).
const KeyFile = "key.pem"
