// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package token

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	jose "github.com/go-jose/go-jose/v4"
	"golang.org/x/sync/singleflight"

	"nationtech.io/harmony/diag"
)

const (
	fetchLimit = 2 * time.Second
	// fetchPause is the least time between two fetches for keys that are not known: whoever makes up keys costs the provider
	// no more than that.
	fetchPause = 10 * time.Second
	maxFetched = 1 << 20 // bytes
	maxKeys    = 100
)

// Keys are the public keys of an identity provider, kept. They are fetched anew when a token names one that is not known.
// Keys that are kept stay good while the provider cannot be reached.
type Keys struct {
	// Issuer is the provider's name, from which it is discovered.
	Issuer string
	HTTP   *http.Client

	flight singleflight.Group
	mu     sync.Mutex
	byID   map[string]jose.JSONWebKey
	tried  time.Time
}

// Ready tells whether any key is known.
func (k *Keys) Ready() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return len(k.byID) > 0
}

// find gives the key of that id; it fetches the keys once if it is not known, and not too often.
func (k *Keys) find(ctx context.Context, id string, now time.Time) (jose.JSONWebKey, bool) {
	if key, ok := k.known(id); ok {
		return key, true
	}
	if !k.mayFetch(now) {
		return jose.JSONWebKey{}, false
	}
	if err := k.Fetch(ctx); err != nil {
		return jose.JSONWebKey{}, false
	}
	return k.known(id)
}

func (k *Keys) known(id string) (jose.JSONWebKey, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	key, ok := k.byID[id]
	return key, ok
}

func (k *Keys) mayFetch(now time.Time) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if age := now.Sub(k.tried); age >= 0 && age < fetchPause {
		return false
	}
	k.tried = now
	return true
}

// Fetch asks the provider for its keys; many callers at once ask it once. Its error is a Diagnostic with the code
// ProviderUnreachable, and leaves the keys that are kept.
func (k *Keys) Fetch(ctx context.Context) error {
	_, err, _ := k.flight.Do("keys", func() (any, error) {
		limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), fetchLimit)
		defer cancel()
		byID, err := k.fetch(limited)
		if err != nil {
			return nil, diag.New(diag.ProviderUnreachable, k.Issuer).Because(err)
		}
		k.mu.Lock()
		defer k.mu.Unlock()
		k.byID = byID
		return nil, nil
	})
	return err
}

func (k *Keys) fetch(ctx context.Context) (map[string]jose.JSONWebKey, error) {
	var about struct {
		Issuer string `json:"issuer"`
		Keys   string `json:"jwks_uri"`
	}
	if err := k.get(ctx, strings.TrimSuffix(k.Issuer, "/")+"/.well-known/openid-configuration", &about); err != nil {
		return nil, err
	}
	if about.Issuer != k.Issuer {
		return nil, &OtherIssuerError{Says: about.Issuer}
	}
	if strings.HasPrefix(k.Issuer, "https://") && !strings.HasPrefix(about.Keys, "https://") {
		return nil, &AnswerError{URL: about.Keys, Status: "the keys stand where anyone could exchange them"}
	}
	var set jose.JSONWebKeySet
	if err := k.get(ctx, about.Keys, &set); err != nil {
		return nil, err
	}
	return usable(set)
}

// usable are the public keys that signatures are checked with.
func usable(set jose.JSONWebKeySet) (map[string]jose.JSONWebKey, error) {
	byID := map[string]jose.JSONWebKey{}
	for _, key := range set.Keys {
		if key.KeyID != "" && (key.Use == "" || key.Use == "sig") && key.IsPublic() && key.Valid() && len(byID) < maxKeys {
			byID[key.KeyID] = key
		}
	}
	if len(byID) == 0 {
		return nil, &AnswerError{URL: "keys", Status: "none of them can check a signature"}
	}
	return byID, nil
}

func (k *Keys) get(ctx context.Context, url string, into any) error {
	asked, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return fmt.Errorf("ask %s: %w", url, err)
	}
	answer, err := k.HTTP.Do(asked)
	if err != nil {
		return fmt.Errorf("ask %s: %w", url, err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return &AnswerError{URL: url, Status: answer.Status}
	}
	if err := json.NewDecoder(io.LimitReader(answer.Body, maxFetched)).Decode(into); err != nil {
		return fmt.Errorf("read %s: %w", url, err)
	}
	return nil
}

// AnswerError says that a provider answered with something else than what was asked for.
type AnswerError struct{ URL, Status string }

func (e *AnswerError) Error() string { return e.URL + ": " + e.Status }

// OtherIssuerError says that another provider answers where this one should be.
type OtherIssuerError struct{ Says string }

func (e *OtherIssuerError) Error() string { return "it calls itself " + e.Says }
