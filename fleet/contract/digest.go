// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"crypto/sha256"
	"encoding/hex"
)

// WorkloadUID names one Deployment: the UID of its object, a lower-case UUID. The zero value is none.
type WorkloadUID struct{ uid string }

// Digest names bytes by what they are: 64 lower-case hexadecimal digits of a SHA-256. The zero value is none.
type Digest struct{ hex string }

// ParseWorkloadUID checks that text is the UID of a Deployment. Its error is an *InvalidID.
func ParseWorkloadUID(text string) (WorkloadUID, error) {
	if !isUUID(text) {
		return WorkloadUID{}, invalid("workload", text, "a UUID in lower case, as 8-4-4-4-12 hexadecimal digits")
	}
	return WorkloadUID{text}, nil
}

// ParseDigest checks that text is a digest. Its error is an *InvalidID.
func ParseDigest(text string) (Digest, error) {
	if len(text) != 64 || !isHex(text) {
		return Digest{}, invalid("digest", text, "64 hexadecimal digits in lower case")
	}
	return Digest{text}, nil
}

// DigestOf gives the digest of these bytes.
func DigestOf(data []byte) Digest {
	sum := sha256.Sum256(data)
	return Digest{hex.EncodeToString(sum[:])}
}

func (id WorkloadUID) String() string { return id.uid }
func (d Digest) String() string       { return d.hex }

// IsZero tells whether there is no Deployment.
func (id WorkloadUID) IsZero() bool { return id == WorkloadUID{} }

// IsZero tells whether there is no digest.
func (d Digest) IsZero() bool { return d == Digest{} }

// MarshalText gives the UID as text. Its error is nil.
func (id WorkloadUID) MarshalText() ([]byte, error) { return []byte(id.uid), nil }

// MarshalText gives the digest as text. Its error is nil.
func (d Digest) MarshalText() ([]byte, error) { return []byte(d.hex), nil }

// UnmarshalText is ParseWorkloadUID.
func (id *WorkloadUID) UnmarshalText(text []byte) (err error) {
	*id, err = ParseWorkloadUID(string(text))
	return err
}

// UnmarshalText is ParseDigest.
func (d *Digest) UnmarshalText(text []byte) (err error) {
	*d, err = ParseDigest(string(text))
	return err
}
