// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"fmt"
	"slices"
	"time"

	"go.etcd.io/bbolt"

	"nationtech.io/harmony/fleet/assertion"
)

// SigningKey is a key that tokens are signed with, of the curve P-256.
type SigningKey struct {
	ID      string            `json:"id"` // as that of a Key
	Made    time.Time         `json:"made"`
	PKCS8   []byte            `json:"pkcs8"`
	Private *ecdsa.PrivateKey `json:"-"`
}

// Schedule says how long keys are published before and after they sign.
type Schedule struct {
	// Lead is how long a key is published before tokens are signed with it, so that whoever verifies them knows it.
	Lead time.Duration
	// Keep is how long a key is published after another signs in its place: the lifetime of a token, and clock skew.
	Keep time.Duration
}

// Keys are the signing keys at a moment.
type Keys struct {
	Signer SigningKey
	// Published are those whose signatures are good, the signer and those before and after it.
	Published []SigningKey
}

// At chooses among keys, of which there is at least one. The newest that has been published for the lead signs; if there
// is none, the oldest does.
func (s Schedule) At(keys []SigningKey, now time.Time) Keys {
	keys = slices.Clone(keys)
	slices.SortStableFunc(keys, func(a, b SigningKey) int { return a.Made.Compare(b.Made) })
	signer := 0
	for i, k := range keys {
		if i > 0 && !now.Before(k.Made.Add(s.Lead)) {
			signer = i
		}
	}
	from := signer
	for from > 0 && now.Before(keys[from].Made.Add(s.Lead+s.Keep)) {
		from--
	}
	return Keys{Signer: keys[signer], Published: keys[from:]}
}

// SigningKeys gives all signing keys; it makes the first one.
func (r *Registry) SigningKeys(now time.Time) ([]SigningKey, error) {
	keys, err := r.signingKeys()
	if err != nil || len(keys) > 0 {
		return keys, err
	}
	if err := r.AddSigningKey(now); err != nil {
		return nil, err
	}
	return r.signingKeys()
}

func (r *Registry) signingKeys() (keys []SigningKey, err error) {
	err = r.db.View(func(tx *bbolt.Tx) error {
		keys, err = all[SigningKey](tx.Bucket(keyBucket))
		return err
	})
	for i := range keys {
		private, parsed := x509.ParsePKCS8PrivateKey(keys[i].PKCS8)
		if parsed != nil {
			return nil, fmt.Errorf("read signing key %s: %w", keys[i].ID, parsed)
		}
		var ok bool
		if keys[i].Private, ok = private.(*ecdsa.PrivateKey); !ok {
			return nil, &KeyKindError{ID: keys[i].ID}
		}
	}
	return keys, err
}

// KeyKindError says that a signing key is not of the kind that this program makes.
type KeyKindError struct{ ID string }

func (e *KeyKindError) Error() string { return "signing key " + e.ID + " is not of the curve P-256" }

// AddSigningKey makes another signing key.
func (r *Registry) AddSigningKey(now time.Time) error {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return fmt.Errorf("make a signing key: %w", err)
	}
	pkix, err := x509.MarshalPKIXPublicKey(private.Public())
	if err != nil {
		return fmt.Errorf("make a signing key: %w", err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return fmt.Errorf("make a signing key: %w", err)
	}
	key := SigningKey{ID: assertion.KeyID(pkix), Made: now.UTC(), PKCS8: pkcs8}
	return r.db.Update(func(tx *bbolt.Tx) error { return save(tx.Bucket(keyBucket), key.ID, key) })
}

// DropSigningKeys takes away all signing keys but these.
func (r *Registry) DropSigningKeys(but []SigningKey) error {
	return r.db.Update(func(tx *bbolt.Tx) error {
		in := tx.Bucket(keyBucket)
		keys, err := all[SigningKey](in)
		if err != nil {
			return err
		}
		for _, k := range keys {
			if slices.ContainsFunc(but, func(kept SigningKey) bool { return kept.ID == k.ID }) {
				continue
			}
			if err := in.Delete([]byte(k.ID)); err != nil {
				return fmt.Errorf("drop signing key %s: %w", k.ID, err)
			}
		}
		return nil
	})
}
