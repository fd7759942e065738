// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package callout

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"nationtech.io/harmony/fleet/callout/token"
	"nationtech.io/harmony/fleet/contract"
)

// shows lets the asker's client show a good token of a device, for an hour.
func (a *asker) shows(device string) {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	var url string
	provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]any{
			"issuer": url, "jwks_uri": url, "keys": []jose.JSONWebKey{{KeyID: "k1", Use: "sig", Algorithm: "ES256", Key: key.Public()}},
		})
	}))
	a.t.Cleanup(provider.Close)
	url = provider.URL
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: key}, (&jose.SignerOptions{}).WithHeader("kid", "k1"))
	if err != nil {
		a.t.Fatal(err)
	}
	a.answerer.verifier = token.Verifier{Keys: &token.Keys{Issuer: url, HTTP: http.DefaultClient}, Audience: "nats:x"}
	a.answerer.directory = everybody{}
	a.claims.ConnectOptions.Name = "harmony-fleet-agent " + device
	a.claims.ConnectOptions.Token, err = jwt.Signed(signer).Claims(map[string]any{
		"iss": url, "sub": device, "aud": "nats:x", "exp": time.Now().Add(time.Hour).Unix(), contract.ClaimDevice: device, contract.ClaimRoles: []string{"device"},
	}).Serialize()
	if err != nil {
		a.t.Fatal(err)
	}
	a.claims.Expires = time.Now().Add(time.Hour).Unix()
}

// everybody is the directory of a fleet in which every device is allowed.
type everybody struct{ Directory }

func (everybody) Standing(contract.DeviceID) Standing { return Allowed }

// BenchmarkAnswer is what a connection costs a callout: a question is opened, a token verified, a user signed and the answer
// sealed.
func BenchmarkAnswer(b *testing.B) {
	a := newAsker(b)
	a.shows("press-07")
	question := a.message()
	b.ReportAllocs()
	for b.Loop() {
		if _, o := a.answerer.answer(b.Context(), question, time.Now()); o.dropped != nil || o.reason != "" {
			b.Fatalf("%+v", o)
		}
	}
}
