// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package issuer

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"time"

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
	ctx := op.ContextWithIssuer(r.Context(), i.config.URL)
	request, err := op.VerifyJWTAssertion(ctx, asked.Assertion, i.verifier(ctx))
	if err != nil {
		return "", refusal(err)
	}
	m, _, err := i.registry.Machine(request.Issuer)
	if err != nil {
		return request.Issuer, oidc.ErrServerError().WithParent(err)
	}
	issued, expires := request.IssuedAt.AsTime(), request.ExpiresAt.AsTime()
	switch {
	case !m.Active():
		return m.Name, oidc.ErrInvalidGrant().WithDescription("this machine was revoked")
	case request.JWTID == "" || len(request.JWTID) > 256:
		return m.Name, oidc.ErrInvalidGrant().WithDescription("an assertion has a jti of at most 256 bytes")
	case expires.Sub(issued) > assertionLifetime:
		return m.Name, oidc.ErrInvalidGrant().WithDescription("an assertion is good for a minute at most")
	}
	err = i.registry.Use(m.Name, request.JWTID, expires.Add(clockSkew))
	switch {
	case errors.Is(err, registry.ErrUsed):
		return m.Name, oidc.ErrInvalidGrant().WithDescription("this assertion was used before")
	case err != nil:
		return m.Name, oidc.ErrServerError().WithParent(err)
	}
	return m.Name, nil
}

// verifier takes assertions whose clock is a little wrong. What is too old is refused by the lifetime too.
func (i *Issuer) verifier(context.Context) *op.JWTProfileVerifier {
	return op.NewJWTProfileVerifier(i.storage, i.config.URL, assertionLifetime+clockSkew, clockSkew)
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
	from := "address " + address(r)
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
