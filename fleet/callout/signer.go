// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package callout

import (
	"crypto/ed25519"

	"github.com/nats-io/nkeys"
)

// signer signs as an account of NATS. The key pairs of nkeys keep a seed, and derive the key anew for each signature and each
// time that its public half is asked for: more work than the signature itself.
type signer struct {
	nkeys.KeyPair
	public  string
	private ed25519.PrivateKey
}

var _ nkeys.KeyPair = signer{}

// newSigner reads the seed of an account.
func newSigner(seed string) (s signer, err error) {
	if s.KeyPair, err = nkeys.FromSeed([]byte(seed)); err != nil {
		return s, err
	}
	if s.public, err = s.KeyPair.PublicKey(); err != nil {
		return s, err
	}
	_, raw, err := nkeys.DecodeSeed([]byte(seed))
	if err != nil {
		return s, err
	}
	s.private = ed25519.NewKeyFromSeed(raw)
	return s, nil
}

// PublicKey gives the public key.
func (s signer) PublicKey() (string, error) { return s.public, nil }

// Sign signs.
func (s signer) Sign(input []byte) ([]byte, error) { return ed25519.Sign(s.private, input), nil }
