// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"

	"nationtech.io/harmony/fleet/assertion"
)

// minRSA is the smallest RSA key in bits that is taken (NIST SP 800-131A).
const minRSA = 2048

// Key is a public key that a machine signs its assertions with.
type Key struct {
	// ID is that of assertion.KeyID: whoever has the key knows it.
	ID string `json:"id"`
	// PKIX is the key, as in a PEM block "PUBLIC KEY".
	PKIX []byte `json:"pkix"`
	// Replaces is the id of the key that is taken from the machine when this one is used; empty for none.
	Replaces string `json:"replaces,omitempty"`
}

// ParseKey reads a PEM block "PUBLIC KEY" with a key of the curve P-256, or an RSA key of 2048 bits or more. Its error is
// a Diagnostic with the code EnrolmentRefused.
func ParseKey(text []byte) (Key, error) {
	block, _ := pem.Decode(text)
	if block == nil || block.Type != "PUBLIC KEY" {
		return Key{}, refused("key").Saw(`this is no PEM block "PUBLIC KEY"`).
			Try("openssl pkey -in private.pem -pubout")
	}
	k := Key{ID: assertion.KeyID(block.Bytes), PKIX: block.Bytes}
	public, err := k.Public()
	if err != nil {
		return Key{}, refused("key").Because(err)
	}
	switch public := public.(type) {
	case *ecdsa.PublicKey:
		if public.Curve == elliptic.P256() {
			return k, nil
		}
	case *rsa.PublicKey:
		if public.N.BitLen() >= minRSA {
			return k, nil
		}
	}
	return Key{}, refused("key").Saw("it is neither of the curve P-256 nor RSA of 2048 bits or more")
}

// Public is the key itself.
func (k Key) Public() (crypto.PublicKey, error) {
	public, err := x509.ParsePKIXPublicKey(k.PKIX)
	if err != nil {
		return nil, fmt.Errorf("read a public key: %w", err)
	}
	return public, nil
}
