// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package issuer

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"time"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"nationtech.io/harmony/fleet/assertion"
	"nationtech.io/harmony/fleet/issuer/registry"
)

// assertions is the grant of RFC 7523, section 2.1. Beyond what the library checks (signature, subject, audience, times),
// an assertion lives for a minute at most, has an id, and is good once.
func (i *Issuer) assertions(w http.ResponseWriter, r *http.Request) {
	machine, err := i.assertion(r)
	if err != nil {
		i.audit("token", machine, address(r), err.Error())
		op.RequestError(w, r, err, nil)
		return
	}
	i.audit("token", machine, address(r), "issued")
	made, err := op.CreateJWTTokenResponse(r.Context(), &oidc.JWTTokenRequest{Issuer: machine, Subject: machine}, i.provider)
	if err != nil {
		op.RequestError(w, r, err, nil)
		return
	}
	writeJSON(w, http.StatusOK, answer{made, i.spread.seconds(time.Now())})
}

// assertion tells whose it is. It names a machine with an error too, if the signature was the machine's.
func (i *Issuer) assertion(r *http.Request) (machine string, err error) {
	asked, err := op.ParseJWTProfileGrantRequest(r, i.provider.Decoder())
	if err != nil {
		return "", oidc.ErrInvalidRequest().WithDescription("the form cannot be read").WithParent(err)
	}
	s, err := i.shown(r.Context(), asked.Assertion, i.config.URL)
	if err != nil {
		return s.machine, err
	}
	if s.key.Replaces != "" {
		if _, err := i.registry.Used(s.machine, s.key.ID); err != nil {
			return s.machine, oidc.ErrServerError().WithParent(err)
		}
		i.audit("retire key", s.machine, address(r), s.key.Replaces+": "+s.key.ID+" was used in its place")
	}
	return s.machine, nil
}

// A showing is an assertion that was good, and will not be again.
type showing struct {
	machine string
	key     registry.Key // that it was signed with
	speaks  string       // the id of the key that it speaks of; empty for none
}

// shown takes an assertion for that audience, once. With an error it names a machine if the signature was the machine's.
func (i *Issuer) shown(ctx context.Context, said, audience string) (s showing, err error) {
	signer := &signer{storage: i.storage}
	request, err := op.VerifyJWTAssertion(op.ContextWithIssuer(ctx, i.config.URL), said, verifier(signer, audience))
	if err != nil {
		return showing{}, refusal(err)
	}
	m, _, err := i.registry.Machine(request.Issuer)
	if err != nil {
		return showing{machine: request.Issuer}, oidc.ErrServerError().WithParent(err)
	}
	s.machine = m.Name
	s.key, _ = m.Key(signer.key)
	s.speaks, _ = request.GetCustomClaim(assertion.ClaimKey).(string)
	issued, expires := request.IssuedAt.AsTime(), request.ExpiresAt.AsTime()
	switch {
	case !m.Active():
		return s, oidc.ErrInvalidGrant().WithDescription("this machine was revoked")
	case s.key.ID == "":
		return s, oidc.ErrInvalidGrant().WithDescription("this key was just taken from the machine")
	case request.JWTID == "" || len(request.JWTID) > 256:
		return s, oidc.ErrInvalidGrant().WithDescription("an assertion has a jti of at most 256 bytes")
	case expires.Sub(issued) > assertionLifetime:
		return s, oidc.ErrInvalidGrant().WithDescription("an assertion is good for a minute at most")
	}
	err = i.registry.Use(m.Name, request.JWTID, expires.Add(clockSkew))
	switch {
	case errors.Is(err, registry.ErrUsed):
		return s, oidc.ErrInvalidGrant().WithDescription("this assertion was used before")
	case err != nil:
		return s, oidc.ErrServerError().WithParent(err)
	}
	return s, nil
}

// signer is the storage, which notes whose key it was asked for.
type signer struct {
	*storage
	key string
}

// GetKeyByIDAndClientID is the storage's.
func (s *signer) GetKeyByIDAndClientID(ctx context.Context, id, machine string) (*jose.JSONWebKey, error) {
	s.key = id
	return s.storage.GetKeyByIDAndClientID(ctx, id, machine)
}

// verifier takes assertions for an audience whose clock is a little wrong. What is too old is refused by the lifetime too.
func verifier(keys op.JWTProfileKeyStorage, audience string) *op.JWTProfileVerifier {
	return op.NewJWTProfileVerifier(keys, audience, assertionLifetime+clockSkew, clockSkew)
}

// refusal says as much as whoever signs may know: whether it is their clock. Which of name, key and signature was wrong
// is nobody's business.
func refusal(err error) error {
	if errors.Is(err, oidc.ErrExpired) || errors.Is(err, oidc.ErrIatInFuture) || errors.Is(err, oidc.ErrIatToOld) || errors.Is(err, oidc.ErrIatMissing) {
		return oidc.ErrInvalidGrant().WithDescription("the times of the assertion do not fit: compare your clock with this answer's Date").WithParent(err)
	}
	return oidc.ErrInvalidGrant().WithDescription("no machine of that name has that key, or the assertion is for another issuer").WithParent(err)
}

// token answers at the token endpoint.
func (i *Issuer) token(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	if r.URL.RawQuery != "" {
		op.RequestError(w, r, oidc.ErrInvalidRequest().WithDescription("credentials do not stand in an address: it is logged by others"), nil)
		return
	}
	if r.FormValue("grant_type") == assertion.GrantType {
		i.assertions(w, r)
		return
	}
	from := "address " + network(address(r))
	if pause := i.limiter.pause(from, time.Now()); pause > 0 {
		i.audit("token", "", address(r), "too many failures")
		op.RequestError(w, r, oidc.ErrInvalidRequest().WithDescription("too many failures: try again in a minute"), nil)
		return
	}
	seen := &statusWriter{ResponseWriter: w, status: http.StatusOK}
	op.Exchange(seen, r, i.provider)
	name, _, _ := r.BasicAuth()
	name = cmp.Or(name, r.FormValue("client_id"))
	if seen.status != http.StatusOK {
		i.limiter.note(from, freeOfAddress, time.Now())
	}
	i.audit("token", name, address(r), r.FormValue("grant_type")+": "+http.StatusText(seen.status))
}

// statusWriter remembers what was answered.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (s *statusWriter) WriteHeader(status int) {
	s.status = status
	s.ResponseWriter.WriteHeader(status)
}
