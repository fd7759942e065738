// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package minter

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/agent/clock"
	"nationtech.io/harmony/fleet/agent/config"
	"nationtech.io/harmony/fleet/assertion"
	"nationtech.io/harmony/secret"
)

const (
	askLimit  = 10 * time.Second
	maxAnswer = 256 << 10 // bytes
	// tolerated is by how much the clock may be wrong before an assertion is made anew. The Date of an answer has whole
	// seconds, and is as old as the way back.
	tolerated = 2 * time.Second
	// maxSpread is the longest that a provider can keep devices away.
	maxSpread = 10 * time.Minute
)

var errElsewhere = errors.New("an identity provider does not send a device elsewhere")

// Minter gets tokens. It is safe for concurrent use.
type Minter struct {
	profile config.Profile
	clock   *clock.Clock

	mu       sync.Mutex
	endpoint string        // where tokens are; empty until it is known
	spread   time.Duration // as the last token's answer said
}

// New makes a minter that goes by that clock, and sets it right. Nothing is asked yet.
func New(p config.Profile, c *clock.Clock) *Minter { return &Minter{profile: p, clock: c} }

// Spread is the time over which the provider wants a fleet to come back; none when it says nothing. At most 10 minutes.
func (m *Minter) Spread() time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.spread
}

// Token asks for a new token. Where the provider refuses an assertion by a clock that is wrong, it is made anew by the
// provider's own. Where the clock is before the time of the provider's certificate, it is asked again as if that time had
// come. Its error is a Diagnostic with the code TokenNotGiven.
func (m *Minter) Token(ctx context.Context) (secret.Value, error) {
	ctx, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	before, sure := m.clock.Now(), m.clock.Sure
	start := time.Now()
	token, err := m.token(ctx, sure)
	if from, early := tooEarly(err, sure()); early {
		token, err = m.token(ctx, func() time.Time { return from })
	}
	var refused *RefusedError
	if moved := m.clock.Now().Sub(before) - time.Since(start); errors.As(err, &refused) && moved.Abs() > tolerated {
		token, err = m.token(ctx, sure)
	}
	if err != nil {
		return secret.Value{}, diag.New(diag.TokenNotGiven, m.profile.Issuer).Because(err)
	}
	return token, nil
}

// tooEarly tells from when on a certificate is good that is not good yet. A clock that nobody has set right only says what
// time has passed already; whether the certificate is that of the provider is looked at, then, as always.
func tooEarly(err error, now time.Time) (time.Time, bool) {
	var invalid x509.CertificateInvalidError
	if !errors.As(err, &invalid) || invalid.Reason != x509.Expired || !now.Before(invalid.Cert.NotBefore) {
		return time.Time{}, false
	}
	return invalid.Cert.NotBefore, true
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
	said, err := key.Sign(m.profile.Machine, m.profile.Issuer, m.clock.Now())
	if err != nil {
		return secret.Value{}, err
	}
	form := url.Values{"grant_type": {assertion.GrantType}, "assertion": {said}}
	if m.profile.Scope != "" {
		form.Set("scope", m.profile.Scope)
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
	m.mu.Lock()
	m.spread = time.Duration(min(max(answer.Spread, 0), int64(maxSpread/time.Second))) * time.Second
	m.mu.Unlock()
	return answer.Token, nil
}

// client trusts the authorities that it is told to.
func (m *Minter) client(sure func() time.Time) (*http.Client, error) {
	trusted := &tls.Config{MinVersion: tls.VersionTLS12, Time: sure}
	if m.profile.CAFile != "" {
		text, err := os.ReadFile(m.profile.CAFile)
		if err != nil {
			return nil, fmt.Errorf("read the authorities of the provider: %w", err)
		}
		trusted.RootCAs = x509.NewCertPool()
		trusted.RootCAs.AppendCertsFromPEM(text)
	}
	return &http.Client{
		Transport:     &http.Transport{Proxy: http.ProxyFromEnvironment, TLSClientConfig: trusted},
		CheckRedirect: func(*http.Request, []*http.Request) error { return errElsewhere },
	}, nil
}

// discover finds where tokens are. It is asked once.
func (m *Minter) discover(ctx context.Context, client *http.Client) (string, error) {
	m.mu.Lock()
	known := m.endpoint
	m.mu.Unlock()
	if known != "" {
		return known, nil
	}
	asked, err := http.NewRequestWithContext(ctx, http.MethodGet, m.profile.Issuer+"/.well-known/openid-configuration", nil)
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
	if about.Issuer != m.profile.Issuer {
		return "", &RefusedError{Why: "it calls itself " + about.Issuer}
	}
	if strings.HasPrefix(about.Issuer, "https://") && !strings.HasPrefix(about.Endpoint, "https://") {
		return "", &RefusedError{Why: "its tokens would come over plain HTTP"}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.endpoint = about.Endpoint
	return m.endpoint, nil
}

// ask reads an answer, and the provider's clock, which a refusal tells too.
func (m *Minter) ask(client *http.Client, asked *http.Request, into any) error {
	answer, err := client.Do(asked)
	if err != nil {
		return fmt.Errorf("ask the provider: %w", err)
	}
	defer answer.Body.Close()
	if at, err := http.ParseTime(answer.Header.Get("Date")); err == nil {
		m.clock.Told(at, answer.TLS)
	}
	data, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	if err != nil {
		return fmt.Errorf("read the provider's answer: %w", err)
	}
	if answer.StatusCode != http.StatusOK {
		return refusal(answer.Status, data)
	}
	if err := json.Unmarshal(data, into); err != nil {
		return fmt.Errorf("read the provider's answer: %w", err)
	}
	return nil
}

// RefusedError is what a provider says when it gives no token.
type RefusedError struct{ Why string }

func (e *RefusedError) Error() string { return e.Why }

func refusal(status string, data []byte) error {
	var said struct {
		Error string `json:"error"`
		Why   string `json:"error_description"`
	}
	if err := json.Unmarshal(data, &said); err != nil || said.Error == "" {
		return &RefusedError{Why: "it answers " + status}
	}
	text := said.Error
	if said.Why != "" {
		text += ": " + said.Why
	}
	return &RefusedError{Why: text[:min(len(text), 300)]}
}
