// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package minter

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/agent/clock"
	"nationtech.io/harmony/fleet/agent/config"
	"nationtech.io/harmony/fleet/assertion"
	"nationtech.io/harmony/secret"
)

// Minter gets tokens. It is safe for concurrent use.
type Minter struct {
	*Provider
	profile config.Profile

	found    sync.Mutex
	endpoint string        // where tokens are; empty until it is known
	spread   time.Duration // as the last token's answer said
}

// maxSpread is the longest that a provider can keep devices away.
const maxSpread = 10 * time.Minute

// New makes a minter that goes by that clock, and sets it right. Nothing is asked yet.
func New(p config.Profile, c *clock.Clock) *Minter {
	return &Minter{Provider: &Provider{Issuer: p.Issuer, CAFile: p.CAFile, Clock: c}, profile: p}
}

// Spread is the time over which the provider wants a fleet to come back; none when it says nothing. At most 10 minutes.
func (m *Minter) Spread() time.Duration {
	m.found.Lock()
	defer m.found.Unlock()
	return m.spread
}

// Token asks for a new token. Where the provider refuses an assertion by a clock that is wrong, it is made anew by the
// provider's own. Where the clock is before the time of the provider's certificate, it is asked again as if that time had
// come. Its error is a Diagnostic with the code TokenNotGiven.
func (m *Minter) Token(ctx context.Context) (secret.Value, error) {
	var token secret.Value
	err := m.asking(ctx, func(ctx context.Context, sure func() time.Time) (err error) {
		token, err = m.token(ctx, sure)
		return err
	})
	if err != nil {
		return secret.Value{}, diag.New(diag.TokenNotGiven, m.Issuer).Because(err)
	}
	return token, nil
}

// token asks for a token, and holds certificates against the time that sure says.
func (m *Minter) token(ctx context.Context, sure func() time.Time) (secret.Value, error) {
	key, err := m.profile.Key() // read anew, so that it can be changed while the agent runs
	if err != nil {
		return secret.Value{}, err
	}
	client, err := m.client(sure)
	if err != nil {
		return secret.Value{}, err
	}
	defer client.CloseIdleConnections()
	endpoint, err := m.discover(ctx, client)
	if err != nil {
		return secret.Value{}, err
	}
	said, err := key.Sign(m.profile.Machine, cmp.Or(m.profile.Audience, m.Issuer), m.time().Now())
	if err != nil {
		return secret.Value{}, err
	}
	form := url.Values{"grant_type": {assertion.GrantType}, "assertion": {said}}
	for name, value := range map[string]string{"scope": m.profile.Scope, "client_id": m.profile.Client} {
		if value != "" {
			form.Set(name, value)
		}
	}
	asked, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint, strings.NewReader(form.Encode()))
	if err != nil {
		return secret.Value{}, fmt.Errorf("ask for a token: %w", err)
	}
	asked.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	var answer struct {
		Token  secret.Value `json:"access_token"`
		Spread int64        `json:"reconnect_spread"` // seconds; an issuer of Harmony says it
	}
	if err := m.ask(client, asked, &answer); err != nil {
		return secret.Value{}, err
	}
	if answer.Token.IsZero() {
		return secret.Value{}, &RefusedError{Why: "there is no token in the answer"}
	}
	m.found.Lock()
	m.spread = time.Duration(min(max(answer.Spread, 0), int64(maxSpread/time.Second))) * time.Second
	m.found.Unlock()
	return answer.Token, nil
}

// discover finds where tokens are. It is asked once.
func (m *Minter) discover(ctx context.Context, client *http.Client) (string, error) {
	m.found.Lock()
	known := m.endpoint
	m.found.Unlock()
	if known != "" {
		return known, nil
	}
	asked, err := http.NewRequestWithContext(ctx, http.MethodGet, m.Issuer+"/.well-known/openid-configuration", nil)
	if err != nil {
		return "", fmt.Errorf("find the provider: %w", err)
	}
	var about struct {
		Issuer   string `json:"issuer"`
		Endpoint string `json:"token_endpoint"`
	}
	if err := m.ask(client, asked, &about); err != nil {
		return "", err
	}
	if about.Issuer != m.Issuer {
		return "", &RefusedError{Why: "it calls itself " + about.Issuer}
	}
	if strings.HasPrefix(about.Issuer, "https://") && !strings.HasPrefix(about.Endpoint, "https://") {
		return "", &RefusedError{Why: "its tokens would come over plain HTTP"}
	}
	m.found.Lock()
	defer m.found.Unlock()
	m.endpoint = about.Endpoint
	return m.endpoint, nil
}
