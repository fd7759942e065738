// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kv

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
)

// A Client talks to one etcd.
type Client struct {
	HTTP *http.Client
	URL  string // http://HOST:PORT
}

// A Pair is a key and its value. JSON has both in base 64, as etcd wants it.
type Pair struct {
	Key   []byte `json:"key"`
	Value []byte `json:"value,omitempty"`
}

// A RefusedError is an answer that is none.
type RefusedError struct {
	Path   string
	Status string
	Text   string // what etcd says
}

// Error names the request, the status and what etcd says.
func (e *RefusedError) Error() string {
	return fmt.Sprintf("etcd answers %s with %s: %s", e.Path, e.Status, e.Text)
}

// Put writes a value.
func (c Client) Put(ctx context.Context, key string, value []byte) error {
	return c.call(ctx, "/v3/kv/put", Pair{[]byte(key), value}, nil)
}

// List gives the pairs whose keys begin with prefix, which is not empty, in the order of the keys.
func (c Client) List(ctx context.Context, prefix string) ([]Pair, error) {
	var found struct {
		Pairs []Pair `json:"kvs"`
	}
	err := c.call(ctx, "/v3/kv/range", struct {
		Key []byte `json:"key"`
		End []byte `json:"range_end"`
	}{[]byte(prefix), after(prefix)}, &found)
	return found.Pairs, err
}

// Delete takes a value away; it is no error when there is none.
func (c Client) Delete(ctx context.Context, key string) error {
	return c.call(ctx, "/v3/kv/deleterange", Pair{Key: []byte(key)}, nil)
}

// after is the first key behind all that begin with prefix, which is text and so never ends in 0xff.
func after(prefix string) []byte {
	if prefix == "" {
		return nil // etcd refuses that
	}
	end := []byte(prefix)
	end[len(end)-1]++
	return end
}

const longest = 4 << 20 // bytes of an answer that are read

func (c Client) call(ctx context.Context, path string, ask, into any) error {
	body, err := json.Marshal(ask)
	if err != nil {
		return fmt.Errorf("ask etcd for %s: %w", path, err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.URL+path, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("ask etcd for %s: %w", path, err)
	}
	response, err := c.HTTP.Do(request)
	if err != nil {
		return fmt.Errorf("ask etcd for %s: %w", path, err)
	}
	defer func() { _ = response.Body.Close() }() // it was read
	text, err := io.ReadAll(io.LimitReader(response.Body, longest))
	if err != nil {
		return fmt.Errorf("read the answer of etcd to %s: %w", path, err)
	}
	if response.StatusCode != http.StatusOK {
		return &RefusedError{Path: path, Status: response.Status, Text: string(text)}
	}
	if into == nil {
		return nil
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("read the answer of etcd to %s: %w", path, err)
	}
	return nil
}
