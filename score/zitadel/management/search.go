// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package management

import (
	"context"
	"errors"
	"net/http"
	"time"

	"nationtech.io/harmony/wait"
)

const (
	// seenWithin is how long what was made may take to be found: Zitadel answers searches from a copy of its own.
	seenWithin = 20 * time.Second
	// thereWithin is the same for what was there already when it was to be made.
	thereWithin = 4 * time.Second
	seenEvery   = time.Second / 4
	// Most is how many a search gives; there are no more of what is searched by name.
	Most = 1000
)

// Found is a search: what was asked for, or the first that matches; nil when nothing does.
func Found[T any](ctx context.Context, a API, path string, matches func(T) bool, queries ...any) (*T, error) {
	all, err := List[T](ctx, a, path, queries...)
	for i := range all {
		if matches(all[i]) {
			return &all[i], err
		}
	}
	return nil, err
}

// List is a search that gives all, up to Most.
func List[T any](ctx context.Context, a API, path string, queries ...any) ([]T, error) {
	return list[T](ctx, a, "/management/v1"+path, queries...)
}

func list[T any](ctx context.Context, a API, path string, queries ...any) ([]T, error) {
	var answer struct {
		Result []T `json:"result"`
	}
	body := map[string]any{"query": map[string]any{"limit": Most}, "queries": queries}
	if len(queries) == 0 {
		delete(body, "queries")
	}
	err := a.ask(ctx, http.MethodPost, path+"/_search", body, &answer)
	return answer.Result, err
}

// Made gives what a search finds, after create has made it if nothing was found. fresh tells whether it did. Its error is a *wait.GaveUp
// when that is not found: without fresh, it is where searches do not look.
func Made[T any](ctx context.Context, find func(context.Context) (*T, error), create func(context.Context) error) (one *T, fresh bool, err error) {
	if one, err = find(ctx); err != nil || one != nil {
		return one, false, err
	}
	if err = create(ctx); err != nil && !errors.Is(err, ErrThere) {
		return nil, false, err
	}
	fresh = err == nil
	limit := seenWithin
	if !fresh {
		limit = thereWithin
	}
	err = wait.Until(ctx, "Zitadel to find what was made", wait.Pace{Every: seenEvery, Limit: limit}, func(ctx context.Context) (string, bool, error) {
		one, err = find(ctx)
		return "it is not found yet", one != nil, err
	})
	return one, fresh, err
}

// Equals is a query of a search by a text.
func Equals(query, field, text string) any {
	return map[string]any{query: map[string]any{field: text, "method": "TEXT_QUERY_METHOD_EQUALS"}}
}
