// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package hydratest

import (
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"time"

	jose "github.com/go-jose/go-jose/v4"

	"nationtech.io/harmony/fleet/assertion"
	"nationtech.io/harmony/fleet/contract"
)

// Enrol makes a key for a machine of that role, and has Hydra trust it. It gives the private key as PEM text (PKCS #8).
func (h *Hydra) Enrol(name string, role contract.Role) []byte {
	h.t.Helper()
	key, text, err := assertion.New()
	if err != nil {
		h.t.Fatal(err)
	}
	block, _ := pem.Decode(key.Public())
	public, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		h.t.Fatal(err)
	}
	said := h.ask(http.MethodPost, "/admin/trust/grants/jwt-bearer/issuers", map[string]any{
		"issuer": name, "subject": name, "scope": []string{string(role)}, "expires_at": time.Now().Add(time.Hour),
		"jwk": jose.JSONWebKey{Key: public, KeyID: key.ID, Algorithm: string(jose.ES256), Use: "sig"},
	})
	var made struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal(said, &made); err != nil {
		h.t.Fatal(err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.known[name] = made.ID
	return text
}

// Revoke lets a machine have no token any more.
func (h *Hydra) Revoke(name string) {
	h.t.Helper()
	h.mu.Lock()
	id := h.known[name]
	h.mu.Unlock()
	h.ask(http.MethodDelete, "/admin/trust/grants/jwt-bearer/issuers/"+id, nil)
}
