// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package assertion_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"nationtech.io/harmony/fleet/assertion"
)

func pkcs8(t *testing.T, private any) []byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
}

func TestAnotherImplementationReadsAnAssertion(t *testing.T) {
	elliptical, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	large, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now().Truncate(time.Second)
	for alg, private := range map[jose.SignatureAlgorithm]any{jose.ES256: elliptical, jose.RS256: large} {
		key, err := assertion.Parse(pkcs8(t, private), "key-7")
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for range 50 { // a signature whose number begins with zeros has as many bytes as any
			said, err := key.Sign("press-07", "https://issuer.example", now)
			if err != nil {
				t.Fatal(err)
			}
			read, err := jwt.ParseSigned(said, []jose.SignatureAlgorithm{alg})
			if err != nil {
				t.Fatal(err)
			}
			block, _ := pem.Decode(key.Public())
			public, err := x509.ParsePKIXPublicKey(block.Bytes)
			if err != nil {
				t.Fatal(err)
			}
			var c jwt.Claims
			if err := read.Claims(public, &c); err != nil {
				t.Fatalf("%s: %v", alg, err)
			}
			if read.Headers[0].KeyID != "key-7" || c.Issuer != "press-07" || c.Subject != "press-07" || !c.Audience.Contains("https://issuer.example") ||
				!c.Expiry.Time().Equal(now.Add(time.Minute)) || !c.IssuedAt.Time().Equal(now) {
				t.Fatalf("%s: %+v %+v", alg, read.Headers, c)
			}
			if seen[c.ID] || c.ID == "" {
				t.Fatalf("the id %q is used twice, or empty", c.ID)
			}
			seen[c.ID] = true
		}
	}
}

func TestARSAKeyIsMadeForProvidersThatTakeNoOther(t *testing.T) {
	key, text, err := assertion.NewRSA()
	if err != nil {
		t.Fatal(err)
	}
	again, err := assertion.Parse(text, "")
	if err != nil || again.ID != key.ID {
		t.Fatalf("%v: %q and %q", err, key.ID, again.ID)
	}
	if !assertion.IsRSA(key.Public()) {
		t.Error("it is another kind of key")
	}
	other, _, err := assertion.New()
	if err != nil || assertion.IsRSA(other.Public()) || assertion.IsRSA([]byte("hunter2")) {
		t.Errorf("%v: what is no RSA key passes for one", err)
	}
}

func TestAMadeKeyIsReadBackAndNeverPrinted(t *testing.T) {
	key, text, err := assertion.New()
	if err != nil {
		t.Fatal(err)
	}
	again, err := assertion.Parse(text, "")
	if err != nil || again.ID != key.ID || string(again.Public()) != string(key.Public()) {
		t.Fatalf("%v: %q and %q", err, key.ID, again.ID)
	}
	block, _ := pem.Decode(text)
	private, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := private.(*ecdsa.PrivateKey).Bytes()
	if err != nil {
		t.Fatal(err)
	}
	d := new(big.Int).SetBytes(raw).String()
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if said := fmt.Sprintf(verb, key); strings.Contains(said, d) || strings.Contains(said, fmt.Sprintf("%d", raw)) {
			t.Errorf("%s shows the key", verb)
		}
	}
}

func TestKeysThatAreRefused(t *testing.T) {
	weak, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Skip("this machine makes no weak key:", err)
	}
	other, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{
		"nothing": nil, "no PEM": []byte("hunter2"), "RSA of 1024 bits": pkcs8(t, weak), "another curve": pkcs8(t, other),
		"another block": pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: []byte{1}}),
		"garbage":       pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte{1, 2, 3}}),
	} {
		if _, err := assertion.Parse(text, ""); !errors.Is(err, assertion.ErrNoKey) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
