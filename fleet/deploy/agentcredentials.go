// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package deploy

import (
	"nationtech.io/harmony/fleet/identity"
	"nationtech.io/harmony/score/nats"
)

// section is a table of the agent's configuration.
type section = map[string]any

// credentials are what an agent in a Pod shows to NATS: files of a Secret, and what its configuration says of them.
type credentials interface {
	secret() string
	section() section
	trusts() trust
}

// password is the way of development.
type password struct {
	trusted trust
	as      nats.Credential
}

func (p password) secret() string { return p.as.Secret }
func (p password) trusts() trust  { return p.trusted }

func (p password) section() section {
	return section{"type": "user-pass", "user": p.as.User, "password_file": credentialsDir + "/" + nats.PasswordKey}
}

// profile is a key for which an identity provider gives tokens.
type profile struct {
	trusted  trust
	provider identity.Facts
	machine  identity.Machine
}

func (p profile) secret() string { return p.machine.Secret }
func (p profile) trusts() trust  { return p.trusted }

func (p profile) section() section {
	s := section{"type": "jwt-profile", "issuer": p.provider.Issuer, "key_file": credentialsDir + "/" + identity.KeyFile}
	if p.trusted.provider != "" {
		s["ca_file"] = agentDir + "/" + providerAuthority
	}
	for name, value := range map[string]string{
		"machine": p.machine.Name, "key_id": p.machine.KeyID,
		"scope": p.provider.Scope, "audience": p.provider.AssertionAudience, "client_id": p.provider.Client,
	} {
		if value != "" {
			s[name] = value
		}
	}
	return s
}
