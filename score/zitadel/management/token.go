// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package management

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/secret"
)

// Scope is what a machine asks for so that its token is for the API.
const Scope = "openid urn:zitadel:iam:org:project:id:zitadel:aud"

// Token asks for a token, as a machine that shows an assertion (RFC 7523). Its errors are the Diagnostic ZitadelRefuses, and those of
// the way.
func Token(ctx context.Context, client *http.Client, issuer, machine string, assertion secret.Value, scope string) (secret.Value, error) {
	form := url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "assertion": {assertion.Reveal()}, "scope": {scope}}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, issuer+"/oauth/v2/token", strings.NewReader(form.Encode()))
	if err != nil {
		return secret.Value{}, fmt.Errorf("make the request: %w", err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := client.Do(request)
	if err != nil {
		return secret.Value{}, fmt.Errorf("ask for a token: %w", err)
	}
	defer response.Body.Close()
	var answer struct {
		AccessToken secret.Value `json:"access_token"`
		Error       string       `json:"error"`
		Description string       `json:"error_description"`
	}
	err = json.NewDecoder(http.MaxBytesReader(nil, response.Body, mostBytes)).Decode(&answer)
	if err != nil || response.StatusCode != http.StatusOK || answer.AccessToken.IsZero() {
		return secret.Value{}, diag.New(diag.ZitadelRefuses, "Zitadel machine/"+machine).Saw(fmt.Sprintf("asked for a token: %s %s %s", response.Status, answer.Error, answer.Description)).Because(err)
	}
	return answer.AccessToken, nil
}
