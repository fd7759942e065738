// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package issuer

import (
	"net/url"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// PeopleClient is the id of the client that people sign in with. It is public, has no secret, and needs PKCE.
const PeopleClient = "harmony-fleet"

// peopleRedirect is where its answer goes: a program of the person's own machine, on whichever port (RFC 8252, section 7.3).
const peopleRedirect = "http://127.0.0.1/callback"

// client is a client in the words of the library.
type client struct {
	id       string
	redirect []string
	kind     op.ApplicationType
	method   oidc.AuthMethod
	grants   []oidc.GrantType
}

var _ op.Client = client{}

func peopleClient() client {
	return client{
		id: PeopleClient, redirect: []string{peopleRedirect}, kind: op.ApplicationTypeNative, method: oidc.AuthMethodNone,
		grants: []oidc.GrantType{oidc.GrantTypeCode},
	}
}

func machineClient(id string) client {
	return client{id: id, kind: op.ApplicationTypeWeb, method: oidc.AuthMethodBasic, grants: []oidc.GrantType{oidc.GrantTypeClientCredentials}}
}

func (c client) GetID() string                        { return c.id }
func (c client) RedirectURIs() []string               { return c.redirect }
func (client) PostLogoutRedirectURIs() []string       { return nil }
func (c client) ApplicationType() op.ApplicationType  { return c.kind }
func (c client) AuthMethod() oidc.AuthMethod          { return c.method }
func (c client) GrantTypes() []oidc.GrantType         { return c.grants }
func (client) ResponseTypes() []oidc.ResponseType     { return []oidc.ResponseType{oidc.ResponseTypeCode} }
func (client) LoginURL(id string) string              { return loginPath + "?id=" + url.QueryEscape(id) }
func (client) AccessTokenType() op.AccessTokenType    { return op.AccessTokenTypeJWT }
func (client) IDTokenLifetime() time.Duration         { return TokenLifetime }
func (client) DevMode() bool                          { return false }
func (client) IsScopeAllowed(string) bool             { return false }
func (client) IDTokenUserinfoClaimsAssertion() bool   { return false }
func (client) ClockSkew() time.Duration               { return 0 }
func (client) RestrictAdditionalIdTokenScopes() scope { return unchanged }

// RestrictAdditionalAccessTokenScopes has the name that the library gives it.
func (client) RestrictAdditionalAccessTokenScopes() scope { return unchanged }

type scope = func([]string) []string

func unchanged(scopes []string) []string { return scopes }
