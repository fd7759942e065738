// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package assertion

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"time"
)

// Lifetime is how long an assertion is good.
const Lifetime = time.Minute

// GrantType is that of a question for a token which shows an assertion.
const GrantType = "urn:ietf:params:oauth:grant-type:jwt-bearer"

// ClaimKey names the claim of an endorsement: the id of the key that it speaks of.
const ClaimKey = "key"

type header struct {
	Algorithm string `json:"alg"`
	Key       string `json:"kid"`
	Type      string `json:"typ"`
}

type claims struct {
	Issuer   string `json:"iss"`
	Subject  string `json:"sub"`
	Audience string `json:"aud"`
	IssuedAt int64  `json:"iat"`
	Expires  int64  `json:"exp"`
	ID       string `json:"jti"`
	Key      string `json:"key,omitempty"`
}

// Sign makes an assertion by which machine asks an identity provider for a token: its audience is the provider's name, or
// what that provider takes in place of it. No two are the same.
func (k Key) Sign(machine, audience string, now time.Time) (string, error) {
	return k.state(machine, audience, "", now)
}

// Endorse makes an assertion that speaks of a key, by its id: that machine has it, or is to have it beside this one. Its
// audience is the endpoint that it is for, so that it is good for nothing else.
func (k Key) Endorse(machine, endpoint, key string, now time.Time) (string, error) {
	return k.state(machine, endpoint, key, now)
}

func (k Key) state(machine, audience, key string, now time.Time) (string, error) {
	head, err := json.Marshal(header{k.algorithm, k.ID, "JWT"})
	if err != nil {
		return "", fmt.Errorf("encode an assertion: %w", err)
	}
	body, err := json.Marshal(claims{machine, machine, audience, now.Unix(), now.Add(Lifetime).Unix(), rand.Text(), key})
	if err != nil {
		return "", fmt.Errorf("encode an assertion: %w", err)
	}
	said := base64.RawURLEncoding.EncodeToString(head) + "." + base64.RawURLEncoding.EncodeToString(body)
	digest := sha256.Sum256([]byte(said))
	signature, err := k.sign(digest[:])
	if err != nil {
		return "", fmt.Errorf("sign an assertion: %w", err)
	}
	return said + "." + base64.RawURLEncoding.EncodeToString(signature), nil
}
