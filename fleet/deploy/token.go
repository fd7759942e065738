// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package deploy

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/assertion"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/identity"
	"nationtech.io/harmony/secret"
)

// maxAnswer bounds what is read of a provider's answer, in bytes.
const maxAnswer = 64 << 10

// shows asks a provider for a token, as a device of that name does. Its error is a Diagnostic.
func shows(ctx context.Context, on kube.Cluster, provider identity.Provider, namespace string, id contract.DeviceID) (secret.Value, error) {
	m, err := provider.Machine(ctx, on, id.String())
	if err != nil {
		return secret.Value{}, err
	}
	values, err := on.Secret(ctx, namespace, m.Secret)
	if err != nil {
		return secret.Value{}, err
	}
	facts, err := provider.Facts(ctx, on)
	if err != nil {
		return secret.Value{}, err
	}
	issuer := facts.Issuer
	refused := func(err error) error {
		return diag.New(diag.TokenNotGiven, issuer, "machine "+id.String()).Because(err)
	}
	key, err := assertion.Parse([]byte(values[identity.KeyFile].Reveal()), m.KeyID)
	if err != nil {
		return secret.Value{}, refused(err)
	}
	client, err := provider.Client(ctx, on)
	if err != nil {
		return secret.Value{}, err
	}
	var about struct {
		Issuer   string `json:"issuer"`
		Endpoint string `json:"token_endpoint"`
	}
	asked, err := http.NewRequestWithContext(ctx, http.MethodGet, issuer+"/.well-known/openid-configuration", nil)
	if err == nil {
		err = answer(client, asked, &about)
	}
	if err == nil && about.Issuer != issuer {
		err = &otherProviderError{about.Issuer}
	}
	if err != nil {
		return secret.Value{}, refused(err)
	}
	said, err := key.Sign(cmp.Or(m.Name, id.String()), cmp.Or(facts.AssertionAudience, issuer), time.Now())
	if err != nil {
		return secret.Value{}, refused(err)
	}
	var given struct {
		Token secret.Value `json:"access_token"`
	}
	asked, err = http.NewRequestWithContext(ctx, http.MethodPost, about.Endpoint, strings.NewReader(question(facts, said).Encode()))
	if err == nil {
		asked.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		err = answer(client, asked, &given)
	}
	if err == nil && given.Token.IsZero() {
		err = &noTokenError{}
	}
	if err != nil {
		return secret.Value{}, refused(err)
	}
	return given.Token, nil
}

// question is what a provider is asked with.
func question(facts identity.Facts, said string) url.Values {
	form := url.Values{"grant_type": {assertion.GrantType}, "assertion": {said}}
	for name, value := range map[string]string{"scope": facts.Scope, "client_id": facts.Client} {
		if value != "" {
			form.Set(name, value)
		}
	}
	return form
}

// answer reads what a provider says.
func answer(client *http.Client, asked *http.Request, into any) error {
	said, err := client.Do(asked)
	if err != nil {
		return fmt.Errorf("ask the identity provider: %w", err)
	}
	defer said.Body.Close()
	text, err := io.ReadAll(io.LimitReader(said.Body, maxAnswer))
	if err != nil {
		return fmt.Errorf("read its answer: %w", err)
	}
	if said.StatusCode != http.StatusOK {
		return &refusalError{said.Status, strings.TrimSpace(string(text[:min(len(text), 300)]))}
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("read its answer: %w", err)
	}
	return nil
}

// refusalError is what a provider answers in place of what it was asked for.
type refusalError struct{ status, text string }

func (e *refusalError) Error() string { return "it answers " + e.status + ": " + e.text }

// noTokenError says that a provider answers well, and gives nothing.
type noTokenError struct{}

func (*noTokenError) Error() string { return "its answer has no token" }

// otherProviderError says that another provider answers.
type otherProviderError struct{ name string }

func (e *otherProviderError) Error() string { return "it calls itself " + e.name }
