// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package derive

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/sha256"
	"strconv"

	"nationtech.io/harmony/secret"
)

// Size is how many bytes Bytes gives.
const Size = 32

// Bytes are for one purpose; what is known of them tells nothing of those for another (HMAC with SHA-256 as the function of
// NIST SP 800-108).
func Bytes(from secret.Value, purpose string) []byte {
	mac := hmac.New(sha256.New, []byte(from.Reveal()))
	mac.Write([]byte("harmony " + purpose))
	return mac.Sum(nil)
}

// ECDSA is a key of the curve P-256 for one purpose.
func ECDSA(from secret.Value, purpose string) *ecdsa.PrivateKey {
	// One in 2^32 is no key of the curve; the next is then (FIPS 186-5, A.2.2).
	for i := 0; ; i++ {
		if key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), Bytes(from, purpose+" P-256 "+strconv.Itoa(i))); err == nil {
			return key
		}
	}
}
