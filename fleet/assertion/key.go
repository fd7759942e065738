// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package assertion

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
)

// ErrNoKey says that a text holds no private key that assertions are signed with.
var ErrNoKey = errors.New(`this is no PEM block "PRIVATE KEY" with a key of the curve P-256, or an RSA key of 2048 bits or more`)

// ErrNoPublicKey says that a text holds no public key.
var ErrNoPublicKey = errors.New(`this is no PEM block "PUBLIC KEY"`)

const minRSA = 2048 // bits (NIST SP 800-131A)

// Key is a private key that signs assertions. It cannot be printed: what it holds stands behind a function.
type Key struct {
	// ID names the key to the identity provider.
	ID        string
	algorithm string
	sign      func(digest []byte) ([]byte, error)
	public    []byte
}

// New makes a key of the curve P-256 and gives it, and its PEM form for a file that nobody else may read.
func New() (Key, []byte, error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	return made(private, err)
}

// NewRSA makes an RSA key of 2048 bits, for providers that take no other.
func NewRSA() (Key, []byte, error) {
	private, err := rsa.GenerateKey(rand.Reader, minRSA)
	return made(private, err)
}

func made(private crypto.PrivateKey, err error) (Key, []byte, error) {
	if err != nil {
		return Key{}, nil, fmt.Errorf("make a key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return Key{}, nil, fmt.Errorf("make a key: %w", err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	k, err := Parse(text, "")
	return k, text, err
}

// Parse reads a PEM block "PRIVATE KEY" (PKCS #8). An empty id stands for KeyID of its public key, which is what an issuer
// of Harmony knows it by. Its error is ErrNoKey, and shows nothing of the text.
func Parse(text []byte, id string) (Key, error) {
	block, _ := pem.Decode(text)
	if block == nil || block.Type != "PRIVATE KEY" {
		return Key{}, ErrNoKey
	}
	private, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return Key{}, ErrNoKey
	}
	k := Key{ID: id}
	var public crypto.PublicKey
	switch private := private.(type) {
	case *ecdsa.PrivateKey:
		if private.Curve != elliptic.P256() {
			return Key{}, ErrNoKey
		}
		public, k.algorithm, k.sign = private.Public(), "ES256", signES256(private)
	case *rsa.PrivateKey:
		if private.N.BitLen() < minRSA {
			return Key{}, ErrNoKey
		}
		public, k.algorithm = private.Public(), "RS256"
		k.sign = func(digest []byte) ([]byte, error) { return rsa.SignPKCS1v15(nil, private, crypto.SHA256, digest) }
	default:
		return Key{}, ErrNoKey
	}
	if k.public, err = x509.MarshalPKIXPublicKey(public); err != nil {
		return Key{}, fmt.Errorf("encode the public key: %w", err)
	}
	if k.ID == "" {
		k.ID = KeyID(k.public)
	}
	return k, nil
}

// Public is the public key, as a PEM block "PUBLIC KEY": what an identity provider is given.
func (k Key) Public() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: k.public})
}

// KeyID is the id of a public key in PKIX form: its SHA-256, in base64url.
func KeyID(pkix []byte) string {
	sum := sha256.Sum256(pkix)
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// PublicID is the id of a public key, a PEM block "PUBLIC KEY". Whether an identity provider takes such a key is for that
// to say. Its error is ErrNoPublicKey.
func PublicID(text []byte) (string, error) {
	block, _ := pem.Decode(text)
	if block == nil || block.Type != "PUBLIC KEY" {
		return "", ErrNoPublicKey
	}
	return KeyID(block.Bytes), nil
}

// IsRSA tells whether a text is the public half, a PEM block "PUBLIC KEY", of an RSA key that assertions are signed with.
func IsRSA(text []byte) bool {
	block, _ := pem.Decode(text)
	if block == nil || block.Type != "PUBLIC KEY" {
		return false
	}
	any, err := x509.ParsePKIXPublicKey(block.Bytes)
	key, is := any.(*rsa.PublicKey)
	return err == nil && is && key.N.BitLen() >= minRSA
}

// signES256 gives the two numbers of a signature as RFC 7518, section 3.4, wants them: 32 bytes each.
func signES256(private *ecdsa.PrivateKey) func([]byte) ([]byte, error) {
	return func(digest []byte) ([]byte, error) {
		r, s, err := ecdsa.Sign(rand.Reader, private, digest)
		if err != nil {
			return nil, err
		}
		both := make([]byte, 64)
		r.FillBytes(both[:32])
		s.FillBytes(both[32:])
		return both, nil
	}
}
