// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package zitadelsetup

import (
	"cmp"
	"context"

	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/diag"
)

// The claims of Zitadel's tokens, and the keys of what is kept in Secrets.
const (
	// DeviceClaim has the id of a machine, which is its name.
	DeviceClaim = "sub"

	// KeyFile is the machine's private key as PEM text (PKCS #8), KeyIDKey what Zitadel calls that key.
	KeyFile  = "key.pem"
	KeyIDKey = "key-id"
	// ExpiresKey is until when the key is good, in RFC 3339.
	ExpiresKey = "expires"

	projectKey = "project-id"
	clientKey  = "client-id"
)

// Ref is what others need to know of this: computed from fields alone, but for the id of the project, which Zitadel
// gives and which is kept in a Secret.
type Ref struct {
	Namespace, Name string
	Issuer          string
	Project         string
}

// Ref refers to what this Score makes.
func (s Score) Ref() Ref {
	return Ref{
		Namespace: s.Namespace, Name: cmp.Or(s.Title, defaultTitle),
		Issuer: s.Zitadel.IssuerURL(), Project: cmp.Or(s.Project, "harmony-"+s.Namespace),
	}
}

// IssuerURL is what tokens name as their issuer.
func (r Ref) IssuerURL() string { return r.Issuer }

// DeviceClaim is the claim with a machine's id.
func (Ref) DeviceClaim() string { return DeviceClaim }

// FactsSecret names the Secret with the ids that Zitadel has given.
func (r Ref) FactsSecret() string { return r.Name + "-facts" }

// MachineSecret names the Secret with the key of a machine.
func (r Ref) MachineSecret(machine string) string { return r.Name + "-machine-" + machine }

// Enroller is the machine that makes others known, where the Score has one: its key is in its MachineSecret.
func (r Ref) Enroller() string { return "enroller-" + r.Namespace }

// Audience is what tokens of the project are for: its id. Before the first deploy there is none, which is an error.
func (r Ref) Audience(ctx context.Context, on kube.Reader) (string, error) {
	facts, err := on.Secret(ctx, r.Namespace, r.FactsSecret())
	if err != nil {
		return "", err
	}
	if facts[projectKey].IsZero() {
		return "", diag.New(diag.ZitadelRefuses, "Secret/"+r.FactsSecret()).Saw("nobody knows the id of the project " + r.Project).Try("deploy " + r.Name + " first")
	}
	return facts[projectKey].Reveal(), nil
}

// RolesClaim is the claim with a machine's roles in a project, by the project's id: an object whose fields are the roles. The
// claim that names no project, urn:zitadel:iam:org:project:roles, is for who signs in by an application of a project; a machine that
// asks by itself has none.
func RolesClaim(audience string) string { return "urn:zitadel:iam:org:project:" + audience + ":roles" }

// Scope is what a machine asks for so that its token is for the project and says its roles.
func Scope(audience string) string {
	return "openid urn:zitadel:iam:org:projects:roles urn:zitadel:iam:org:project:id:" + audience + ":aud"
}
