// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package management

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/secret"
)

// mostBytes bounds an answer.
const mostBytes = 4 << 20

// API is what one with a token may ask.
type API struct {
	URL   string // of the instance, which is the name of the issuer
	HTTP  *http.Client
	Token secret.Value
	// Organization is the id of the one in which everything is; that of whose the token is when empty.
	Organization string
	// Help is what to do when the token is not taken.
	Help string
}

// Answers tells whether there is a Zitadel. Its error is that of the way there.
func (a API) Answers(ctx context.Context) error {
	_, _, err := a.send(ctx, http.MethodGet, "/debug/healthz", nil)
	return err
}

// send asks once. The answer's status is the caller's to judge.
func (a API) send(ctx context.Context, method, path string, body []byte) (status int, text []byte, err error) {
	request, err := http.NewRequestWithContext(ctx, method, a.URL+path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, fmt.Errorf("make the request: %w", err)
	}
	request.Header.Set("Content-Type", "application/json")
	if !a.Token.IsZero() {
		request.Header.Set("Authorization", "Bearer "+a.Token.Reveal())
	}
	if a.Organization != "" {
		request.Header.Set("x-zitadel-orgid", a.Organization)
	}
	response, err := a.HTTP.Do(request)
	if err != nil {
		return 0, nil, fmt.Errorf("ask Zitadel: %w", err)
	}
	defer response.Body.Close()
	if text, err = io.ReadAll(io.LimitReader(response.Body, mostBytes)); err != nil {
		return 0, nil, fmt.Errorf("read Zitadel's answer: %w", err)
	}
	return response.StatusCode, text, nil
}

// ErrThere is the refusal to make what is there already.
var ErrThere = errors.New("it is there already")

// Ask calls a method of the management API. Its errors are ErrThere, the Diagnostic ZitadelRefuses, and those of the way.
func (a API) Ask(ctx context.Context, method, path string, body, answer any) error {
	return a.ask(ctx, method, "/management/v1"+path, body, answer)
}

func (a API) ask(ctx context.Context, method, path string, body, answer any) error {
	sent, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("encode a request: %w", err)
	}
	status, text, err := a.send(ctx, method, path, sent)
	if err != nil {
		return err
	}
	var says struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
	}
	_ = json.Unmarshal(text, &says)   // an answer that is no refusal has other fields
	const alreadyExists = 6           // of gRPC, which the API is made of
	const userThere = "COMMAND-k2una" // how Zitadel marks the same of a user's id, as a precondition that fails
	switch {
	case status == http.StatusConflict || status >= http.StatusBadRequest && (says.Code == alreadyExists || strings.Contains(says.Message, userThere)):
		return ErrThere
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return a.refused(method, path, status, says.Message).Try(a.Help)
	case status != http.StatusOK:
		return a.refused(method, path, status, says.Message)
	}
	if answer == nil {
		return nil
	}
	if err := json.Unmarshal(text, answer); err != nil {
		return a.refused(method, path, status, "its answer cannot be read").Because(err)
	}
	return nil
}

func (a API) refused(method, path string, status int, message string) *diag.Diagnostic {
	return diag.New(diag.ZitadelRefuses, a.URL).Saw(fmt.Sprintf("%s %s: %d %s", method, path, status, message))
}

// Remove deletes what may be gone already.
func (a API) Remove(ctx context.Context, path string) error {
	path = "/management/v1" + path
	status, text, err := a.send(ctx, http.MethodDelete, path, nil)
	if err != nil || status == http.StatusOK || status == http.StatusNotFound {
		return err
	}
	return a.refused(http.MethodDelete, path, status, string(text[:min(len(text), 200)]))
}

// at is the path of a user.
func at(user string) string { return "/users/" + url.PathEscape(user) }
