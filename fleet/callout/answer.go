// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package callout

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/nats-io/jwt/v2"

	"nationtech.io/harmony/fleet/callout/token"
	"nationtech.io/harmony/fleet/contract"
)

// answerer decides about questions.
type answerer struct {
	verifier  token.Verifier
	directory Directory
	keys      atomic.Pointer[Keys] // which may change while the callout runs
}

// outcome is what came of a message, for the audit.
type outcome struct {
	reason token.Reason // empty for who was let in
	who    token.Identity
	host   string
	server string
	// dropped is why it was not answered; nil if it was.
	dropped error
}

// answer gives the answer to a message, or nothing where the outcome says that it is dropped. Who is refused is refused
// at once.
func (a *answerer) answer(ctx context.Context, m message, now time.Time) (data []byte, o outcome) {
	q, err := a.keys.Load().open(m, now)
	if err != nil {
		return nil, outcome{dropped: err}
	}
	o.host, o.server = q.claims.ClientInformation.Host, q.claims.Server.Name
	said := jwt.NewAuthorizationResponseClaims(q.claims.UserNkey)
	said.Audience = q.claims.Server.ID
	if o.who, o.reason = a.decide(ctx, q.claims.ConnectOptions, now); o.reason != "" {
		said.Error = string(o.reason)
	} else if said.Jwt, err = let(o.who, q, now); err != nil {
		return nil, outcome{dropped: err}
	}
	if data, err = q.seal(said); err != nil {
		return nil, outcome{dropped: err}
	}
	return data, o
}

// let is what a server shall make of an identity, signed.
func let(who token.Identity, q question, now time.Time) (string, error) {
	as, err := user(who, q.claims.UserNkey, now)
	if err != nil {
		return "", err
	}
	return as.Encode(q.signing)
}

func (a *answerer) decide(ctx context.Context, shown jwt.ConnectOptions, now time.Time) (token.Identity, token.Reason) {
	who, err := a.verifier.Verify(ctx, shown.Token, now)
	return a.judge(who, err, shown.Name)
}

// judge lets in whom it knows to have a right to it, and nobody else.
func (a *answerer) judge(who token.Identity, err error, connection string) (token.Identity, token.Reason) {
	var refused *token.Refused
	switch {
	case errors.As(err, &refused):
		return token.Identity{Subject: refused.Subject}, refused.Reason
	case err != nil:
		return token.Identity{}, ReasonUnjudged
	case who.Role == contract.RoleDevice:
		return who, admit(a.directory, who.Device, connection)
	case who.Role == contract.RoleOperator || who.Role == contract.RoleReader:
		return who, ""
	}
	return who, token.NoRole
}
