// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package admin

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
	"time"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/secret"
)

// maxAnswer is the largest answer in bytes that is read, a backup aside.
const maxAnswer = 64 << 20

// Client asks an issuer. Its errors are Diagnostics with the code IssuerRefuses.
type Client struct {
	URL   string // of the second listener
	Token secret.Value
	HTTP  *http.Client
}

// Enrol makes a machine, or adds to it.
func (c Client) Enrol(ctx context.Context, name string, e Enrolment) (m Machine, err error) {
	return m, c.ask(ctx, http.MethodPut, "/v1/machines/"+url.PathEscape(name), e, &m)
}

// Revoke takes all rights from a machine.
func (c Client) Revoke(ctx context.Context, name string) error {
	return c.ask(ctx, http.MethodDelete, "/v1/machines/"+url.PathEscape(name), nil, nil)
}

// Retire takes a key from a machine for ever.
func (c Client) Retire(ctx context.Context, name, key string) error {
	return c.ask(ctx, http.MethodDelete, "/v1/machines/"+url.PathEscape(name)+"/keys/"+url.PathEscape(key), nil, nil)
}

// NewSecret gives a machine a client secret in place of the one that it had.
func (c Client) NewSecret(ctx context.Context, name string) (secret.Value, error) {
	answer, err := c.do(ctx, http.MethodPost, "/v1/machines/"+url.PathEscape(name)+"/secret", nil)
	if err != nil {
		return secret.Value{}, err
	}
	defer answer.Body.Close()
	made, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	if err != nil || len(made) == 0 {
		return secret.Value{}, diag.New(diag.IssuerRefuses, name).Saw("the new secret did not arrive").Because(err)
	}
	return secret.New(string(made)), nil
}

// List gives everybody.
func (c Client) List(ctx context.Context) (l List, err error) {
	return l, c.ask(ctx, http.MethodGet, "/v1/list", nil, &l)
}

// SetPerson makes a person, or gives one that exists other roles and another password.
func (c Client) SetPerson(ctx context.Context, name string, roles []contract.Role, password secret.Value) error {
	asked := url.Values{}
	for _, role := range roles {
		asked.Add("role", string(role))
	}
	answer, err := c.do(ctx, http.MethodPut, "/v1/people/"+url.PathEscape(name)+"?"+asked.Encode(), strings.NewReader(password.Reveal()))
	if err != nil {
		return err
	}
	return answer.Body.Close()
}

// RemovePerson takes a person away.
func (c Client) RemovePerson(ctx context.Context, name string) error {
	return c.ask(ctx, http.MethodDelete, "/v1/people/"+url.PathEscape(name), nil, nil)
}

// AddJoinToken makes a token known by its id. Doing it again changes nothing.
func (c Client) AddJoinToken(ctx context.Context, t JoinToken) (made JoinToken, err error) {
	return made, c.ask(ctx, http.MethodPut, "/v1/join-tokens/"+url.PathEscape(t.ID), t, &made)
}

// JoinTokens gives all tokens, in the order in which they were made.
func (c Client) JoinTokens(ctx context.Context) (list []JoinToken, err error) {
	return list, c.ask(ctx, http.MethodGet, "/v1/join-tokens", nil, &list)
}

// DropJoinToken takes a token away.
func (c Client) DropJoinToken(ctx context.Context, id string) error {
	return c.ask(ctx, http.MethodDelete, "/v1/join-tokens/"+url.PathEscape(id), nil, nil)
}

// Joins gives the questions of devices that want to join, with those that were answered, in the order of names.
func (c Client) Joins(ctx context.Context) (list []Join, err error) {
	return list, c.ask(ctx, http.MethodGet, "/v1/joins", nil, &list)
}

// Approve lets a device join.
func (c Client) Approve(ctx context.Context, device string, a Approval) error {
	return c.ask(ctx, http.MethodPost, "/v1/joins/"+url.PathEscape(device)+"/approve", a, nil)
}

// Deny refuses a device that wants to join.
func (c Client) Deny(ctx context.Context, device string, a Approval) error {
	return c.ask(ctx, http.MethodPost, "/v1/joins/"+url.PathEscape(device)+"/deny", a, nil)
}

// Rotate makes a new signing key.
func (c Client) Rotate(ctx context.Context) error {
	return c.ask(ctx, http.MethodPost, "/v1/keys", nil, nil)
}

// Backup writes the whole registry. What is written holds private keys.
func (c Client) Backup(ctx context.Context, to io.Writer) error {
	answer, err := c.do(ctx, http.MethodGet, "/v1/backup", nil)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	n, err := io.Copy(to, answer.Body)
	if err != nil || n != answer.ContentLength {
		return diag.New(diag.IssuerRefuses, "backup").Saw(fmt.Sprintf("%d of %d bytes came", n, answer.ContentLength)).Because(err)
	}
	return nil
}

// Restore has a backup take the place of the whole registry. The issuer ends, to be started anew with it.
func (c Client) Restore(ctx context.Context, backup []byte) error {
	answer, err := c.do(ctx, http.MethodPut, "/v1/registry", bytes.NewReader(backup))
	if err != nil {
		return err
	}
	return answer.Body.Close()
}

func (c Client) ask(ctx context.Context, method, path string, body, into any) error {
	var data []byte
	if body != nil {
		var err error
		if data, err = json.Marshal(body); err != nil {
			return fmt.Errorf("encode a question: %w", err)
		}
	}
	answer, err := c.do(ctx, method, path, bytes.NewReader(data))
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if into == nil {
		return nil
	}
	if err := json.NewDecoder(io.LimitReader(answer.Body, maxAnswer)).Decode(into); err != nil {
		return diag.New(diag.IssuerRefuses, path).Because(err)
	}
	return nil
}

func (c Client) do(ctx context.Context, method, path string, body io.Reader) (*http.Response, error) {
	asked, err := http.NewRequestWithContext(ctx, method, c.URL+path, body)
	if err != nil {
		return nil, diag.New(diag.IssuerRefuses, c.URL).Because(err)
	}
	asked.Header.Set("Authorization", "Bearer "+c.Token.Reveal())
	answer, err := c.HTTP.Do(asked)
	if err != nil {
		return nil, diag.New(diag.IssuerRefuses, c.URL).Because(err).Try("is the issuer running, and is this its second listener?")
	}
	if answer.StatusCode < 300 {
		return answer, nil
	}
	defer answer.Body.Close()
	return nil, refused(path, answer)
}

// refused is what the issuer said.
func refused(path string, answer *http.Response) error {
	d := diag.New(diag.IssuerRefuses, path)
	var why Refusal
	if err := json.NewDecoder(io.LimitReader(answer.Body, 64<<10)).Decode(&why); err != nil || why.Reason == "" {
		return d.Saw("it answers " + answer.Status)
	}
	d = d.Saw(why.Reason)
	if answer.StatusCode == http.StatusUnauthorized {
		d = d.Try("is the token the one that the issuer was started with?")
	}
	return d
}

// NewHTTP is a client over that transport. It goes where it was told, and follows nobody elsewhere.
func NewHTTP(transport http.RoundTripper) *http.Client {
	return &http.Client{Transport: transport, Timeout: 2 * time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return errRedirect }}
}

var errRedirect = errors.New("an issuer does not send its administrator elsewhere")
