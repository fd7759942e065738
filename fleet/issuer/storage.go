// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package issuer

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"time"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/issuer/registry"
)

// personSubject is what the subject of a person's token begins with, so that it is not that of a machine.
const personSubject = "person:"

// Reasons why the protocol's library is not given what it asks for. None says more than its text.
var (
	errUnknown     = errors.New("nobody of that name has their rights and such a key or secret")
	errUnsupported = errors.New("this issuer does not do that")
)

// storage is what the library asks of the registry.
type storage struct {
	config   Config
	registry *registry.Registry
	logins   *logins
}

var (
	_ op.Storage                  = (*storage)(nil)
	_ op.ClientCredentialsStorage = (*storage)(nil)
	_ op.JWTProfileTokenStorage   = (*storage)(nil)
)

// signing and published make a key of the registry one of the library.
type (
	signing   struct{ key registry.SigningKey }
	published struct{ key registry.SigningKey }
)

func (signing) SignatureAlgorithm() jose.SignatureAlgorithm { return jose.ES256 }
func (s signing) Key() any                                  { return s.key.Private }
func (s signing) ID() string                                { return s.key.ID }
func (published) Algorithm() jose.SignatureAlgorithm        { return jose.ES256 }
func (published) Use() string                               { return "sig" }
func (p published) Key() any                                { return p.key.Private.Public() }
func (p published) ID() string                              { return p.key.ID }

func (s *storage) keys() (registry.Keys, error) {
	now := time.Now()
	all, err := s.registry.SigningKeys(now)
	if err != nil {
		return registry.Keys{}, err
	}
	return s.config.Keys.At(all, now), nil
}

func (s *storage) SigningKey(context.Context) (op.SigningKey, error) {
	keys, err := s.keys()
	return signing{keys.Signer}, err
}

func (s *storage) KeySet(context.Context) (set []op.Key, err error) {
	keys, err := s.keys()
	for _, k := range keys.Published {
		set = append(set, published{k})
	}
	return set, err
}

func (*storage) SignatureAlgorithms(context.Context) ([]jose.SignatureAlgorithm, error) {
	return []jose.SignatureAlgorithm{jose.ES256}, nil
}

func (s *storage) Health(context.Context) error { return s.registry.Check() }

// GetKeyByIDAndClientID gives the key of a machine that was revoked too: who can sign with it is told why it is refused.
func (s *storage) GetKeyByIDAndClientID(_ context.Context, id, machine string) (*jose.JSONWebKey, error) {
	m, found, err := s.registry.Machine(machine)
	if err != nil {
		return nil, err
	}
	key, has := m.Key(id)
	if !found || !has {
		return nil, errUnknown
	}
	public, err := key.Public()
	if err != nil {
		return nil, err
	}
	return &jose.JSONWebKey{KeyID: id, Use: "sig", Key: public}, nil
}

func (*storage) ValidateJWTProfileScopes(context.Context, string, []string) ([]string, error) {
	return nil, nil
}

func (*storage) JWTProfileTokenType(context.Context, op.TokenRequest) (op.AccessTokenType, error) {
	return op.AccessTokenTypeJWT, nil
}

func (s *storage) CreateAccessToken(_ context.Context, r op.TokenRequest) (string, time.Time, error) {
	if machine, ok := r.(*oidc.JWTTokenRequest); ok {
		machine.Audience = s.audience() // in place of this issuer, which the assertion was for
	}
	return rand.Text(), time.Now().Add(s.config.TokenLifetime), nil
}

func (s *storage) audience() []string { return []string{contract.NATSAudience(s.config.Plane)} }

// GetPrivateClaimsFromScopes says what a token says of its subject, whatever scopes were asked for.
func (s *storage) GetPrivateClaimsFromScopes(_ context.Context, subject, _ string, _ []string) (map[string]any, error) {
	if name, ok := strings.CutPrefix(subject, personSubject); ok {
		p, found, err := s.registry.Person(name)
		if err == nil && !found {
			err = oidc.ErrAccessDenied()
		}
		return map[string]any{contract.ClaimRoles: p.Roles}, err
	}
	m, found, err := s.registry.Machine(subject)
	if err == nil && (!found || !m.Active()) {
		err = oidc.ErrAccessDenied()
	}
	claims := map[string]any{contract.ClaimRoles: m.Roles}
	for _, role := range m.Roles {
		if role == contract.RoleDevice {
			claims[contract.ClaimDevice] = m.Name
		}
	}
	return claims, err
}

func (s *storage) ClientCredentials(ctx context.Context, id, text string) (op.Client, error) {
	return machineClient(id), s.AuthorizeClientIDSecret(ctx, id, text)
}

func (s *storage) AuthorizeClientIDSecret(_ context.Context, id, text string) error {
	m, found, err := s.registry.Machine(id)
	if err == nil && (!found || !m.Active() || !m.HasSecret(text)) {
		err = errUnknown
	}
	return err
}

func (s *storage) ClientCredentialsTokenRequest(_ context.Context, id string, _ []string) (op.TokenRequest, error) {
	return &oidc.JWTTokenRequest{Issuer: id, Subject: id, Audience: s.audience()}, nil
}

func (*storage) GetClientByClientID(_ context.Context, id string) (op.Client, error) {
	if id != PeopleClient {
		return nil, errUnknown
	}
	return peopleClient(), nil
}
