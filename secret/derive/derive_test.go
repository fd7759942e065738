// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package derive_test

import (
	"bytes"
	"encoding/hex"
	"testing"

	"nationtech.io/harmony/secret"
	"nationtech.io/harmony/secret/derive"
)

func TestKeysAreTheSameForOneTextAndPurposeAlone(t *testing.T) {
	one, other := secret.New("one"), secret.New("other")
	if !bytes.Equal(derive.Bytes(one, "a"), derive.Bytes(one, "a")) || !derive.ECDSA(one, "a").Equal(derive.ECDSA(one, "a")) {
		t.Error("the same text and purpose gave two keys")
	}
	if bytes.Equal(derive.Bytes(one, "a"), derive.Bytes(one, "b")) || bytes.Equal(derive.Bytes(one, "a"), derive.Bytes(other, "a")) {
		t.Error("another purpose or text gave the same bytes")
	}
	if derive.ECDSA(one, "a").Equal(derive.ECDSA(one, "b")) || derive.ECDSA(one, "a").Equal(derive.ECDSA(other, "a")) {
		t.Error("another purpose or text gave the same key")
	}
}

// What stands depends on it: keys must not change with a new version of Harmony.
func TestKeysStayWhatTheyWere(t *testing.T) {
	const want = "e090cee717b71679b2f38aa47f2a783cb927ba0c7b22067b3bdd46df34c435b3"
	if got := hex.EncodeToString(derive.Bytes(secret.New("harmony"), "golden")); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
