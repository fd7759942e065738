// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package zitadelsetup

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/score/zitadel"
	"nationtech.io/harmony/secret"
	"nationtech.io/harmony/wait"
)

const (
	// mostBytes bounds an answer.
	mostBytes = 4 << 20
	// seenWithin is how long what was made may take to be found: Zitadel answers searches from a copy of its own.
	seenWithin = 20 * time.Second
)

// api is the management API of a Zitadel, as its administrator sees it.
type api struct {
	zitadel zitadel.Ref
	client  *http.Client
	token   secret.Value
}

// reach finds the administrator's token, after Zitadel has answered.
func (s Score) reach(ctx context.Context, on kube.Cluster) (*api, error) {
	z := &api{zitadel: s.Zitadel, client: kube.HTTP(on, s.Zitadel.Service())}
	if _, _, err := z.send(ctx, http.MethodGet, "/debug/healthz", nil); err != nil {
		return nil, err
	}
	name := s.Zitadel.AdministratorSecret()
	values, err := on.Secret(ctx, s.Zitadel.Namespace, name)
	if err != nil {
		return nil, err
	}
	if z.token = values[zitadel.AdministratorKey]; z.token.IsZero() {
		return nil, diag.New(diag.ZitadelRefuses, "Secret/"+name).Saw("there is no token of an administrator in it").
			Try("Zitadel's set-up job makes it with the first instance; for an instance that is older, make a token of a machine that is IAM_OWNER, and put it there under the key " + zitadel.AdministratorKey)
	}
	return z, nil
}

// send asks once. The answer's status is the caller's to judge.
func (z *api) send(ctx context.Context, method, path string, body []byte) (status int, text []byte, err error) {
	request, err := http.NewRequestWithContext(ctx, method, "http://"+z.zitadel.Host()+path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, fmt.Errorf("make the request: %w", err)
	}
	z.zitadel.Behind(request)
	request.Header.Set("Content-Type", "application/json")
	if !z.token.IsZero() {
		request.Header.Set("Authorization", "Bearer "+z.token.Reveal())
	}
	response, err := z.client.Do(request)
	if err != nil {
		return 0, nil, fmt.Errorf("ask Zitadel: %w", err)
	}
	defer response.Body.Close()
	if text, err = io.ReadAll(io.LimitReader(response.Body, mostBytes)); err != nil {
		return 0, nil, fmt.Errorf("read Zitadel's answer: %w", err)
	}
	return response.StatusCode, text, nil
}

// errThere is the refusal to make what is there already.
var errThere = errors.New("it is there already")

// ask calls a method of the management API. Its errors are errThere, the Diagnostic ZitadelRefuses, and those of the way.
func (z *api) ask(ctx context.Context, method, path string, body, answer any) error {
	sent, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("encode a request: %w", err)
	}
	status, text, err := z.send(ctx, method, "/management/v1"+path, sent)
	if err != nil {
		return err
	}
	var says struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
	}
	_ = json.Unmarshal(text, &says) // an answer that is no refusal has other fields
	const alreadyExists = 6         // of gRPC, which the API is made of
	switch {
	case status == http.StatusConflict || status >= http.StatusBadRequest && says.Code == alreadyExists:
		return errThere
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return z.refused(method, path, status, says.Message).Try("the administrator's token has ended, or its machine is no IAM_OWNER any more: put another into Secret " + z.zitadel.AdministratorSecret())
	case status != http.StatusOK:
		return z.refused(method, path, status, says.Message)
	}
	if answer == nil {
		return nil
	}
	if err := json.Unmarshal(text, answer); err != nil {
		return z.refused(method, path, status, "its answer cannot be read").Because(err)
	}
	return nil
}

func (z *api) refused(method, path string, status int, message string) *diag.Diagnostic {
	return diag.New(diag.ZitadelRefuses, z.zitadel.Name).Saw(fmt.Sprintf("%s /management/v1%s: %d %s", method, path, status, message))
}

// remove deletes what may be gone already.
func (z *api) remove(ctx context.Context, path string) error {
	status, text, err := z.send(ctx, http.MethodDelete, "/management/v1"+path, nil)
	if err != nil || status == http.StatusOK || status == http.StatusNotFound {
		return err
	}
	return z.refused(http.MethodDelete, path, status, string(text[:min(len(text), 200)]))
}

// found is a search: what was asked for, or the first that matches; nil when nothing does.
func found[T any](ctx context.Context, z *api, path string, matches func(T) bool, queries ...any) (*T, error) {
	all, err := list[T](ctx, z, path, queries...)
	for i := range all {
		if matches(all[i]) {
			return &all[i], err
		}
	}
	return nil, err
}

// most is how many a search gives; there are no more of what is searched by name.
const most = 1000

func list[T any](ctx context.Context, z *api, path string, queries ...any) ([]T, error) {
	var answer struct {
		Result []T `json:"result"`
	}
	body := map[string]any{"query": map[string]any{"limit": most}, "queries": queries}
	if len(queries) == 0 {
		delete(body, "queries")
	}
	err := z.ask(ctx, http.MethodPost, path+"/_search", body, &answer)
	return answer.Result, err
}

// made gives what a search finds, after create has made it if nothing was found. made tells whether it did.
func made[T any](ctx context.Context, find func(context.Context) (*T, error), create func(context.Context) error) (one *T, fresh bool, err error) {
	if one, err = find(ctx); err != nil || one != nil {
		return one, false, err
	}
	if err = create(ctx); err != nil && !errors.Is(err, errThere) {
		return nil, false, err
	}
	fresh = err == nil
	err = wait.Until(ctx, "Zitadel to find what was made", wait.Pace{Every: time.Second / 4, Limit: seenWithin}, func(ctx context.Context) (string, bool, error) {
		one, err = find(ctx)
		return "it is not found yet", one != nil, err
	})
	return one, fresh, err
}

// equals is a query of a search by a text.
func equals(query, field, text string) any {
	return map[string]any{query: map[string]any{field: text, "method": "TEXT_QUERY_METHOD_EQUALS"}}
}
