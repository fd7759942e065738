// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package callout

import (
	"errors"
	"strings"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"

	"nationtech.io/harmony/fleet/stream"
)

const (
	// Subject is where servers ask.
	Subject = stream.CalloutQuestions
	// Answers is where they are answered, and nowhere else.
	Answers = stream.CalloutAnswers

	serverKeyHeader = "Nats-Server-Xkey"
	askedAudience   = "nats-authorization-request"
	// maxQuestion is the largest question in bytes that is looked at: a token, and the certificates of the client.
	maxQuestion = 128 << 10
)

// Reasons why a message is no question. It is dropped: nobody who may ask sent it.
var (
	errElsewhere = errors.New("the answer would go elsewhere than to a server")
	errTooLarge  = errors.New("it is too large")
	errOpen      = errors.New("it is not sealed, or not for this callout")
	errNotAsked  = errors.New("it is not a server's question")
	errLate      = errors.New("the server does not wait for it any more")
	errOtherKey  = errors.New("it names a signing key that this callout does not have")
)

// message is what came.
type message struct {
	reply     string
	serverKey string
	data      []byte
}

// question is what a server asks, and the keys that it is answered with.
type question struct {
	claims  *jwt.AuthorizationRequestClaims
	signing signer
	sealing *sealer
}

// open reads a question. It was sealed for one of our keys by the server that it names, is signed by that server, and
// names the signing key that the server trusts.
func (k Keys) open(m message, now time.Time) (q question, err error) {
	switch {
	case !strings.HasPrefix(m.reply, Answers):
		return q, errElsewhere
	case len(m.data) > maxQuestion:
		return q, errTooLarge
	case m.serverKey == "":
		return q, errOpen
	}
	var data []byte
	for _, sealing := range k.sealing {
		if data, err = sealing.open(m.data, m.serverKey); err == nil {
			q.sealing = sealing
			break
		}
	}
	if q.sealing == nil {
		return q, errOpen
	}
	if q.claims, err = jwt.DecodeAuthorizationRequestClaims(string(data)); err != nil {
		return q, errors.Join(errNotAsked, err)
	}
	c := q.claims
	if c.Audience != askedAudience || c.Server.ID != c.Issuer || c.Server.XKey != m.serverKey || !nkeys.IsValidPublicUserKey(c.UserNkey) {
		return q, errNotAsked
	}
	if c.Expires != 0 && now.Unix() > c.Expires {
		return q, errLate
	}
	var known bool
	if q.signing, known = k.signing[c.Subject]; !known {
		return q, errOtherKey
	}
	return q, nil
}

// seal makes an answer that only the server that asked can read.
func (q question) seal(answer *jwt.AuthorizationResponseClaims) ([]byte, error) {
	text, err := answer.Encode(q.signing)
	if err != nil {
		return nil, err
	}
	return q.sealing.seal([]byte(text), q.claims.Server.XKey)
}
