// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/diag"

	"example.com/guestbook/web/entry"
)

// A Visit is what a visitor does, from wherever the place can be reached. Errors are Diagnostics.
type Visit struct {
	client *http.Client
	to     Ref
}

// Visit begins one.
func (r Ref) Visit(on kube.Dialer) Visit { return Visit{kube.HTTP(on, r.Service()), r} }

// Sign writes an entry and gives it as the server keeps it.
func (v Visit) Sign(ctx context.Context, name, text string) (kept entry.Entry, err error) {
	err = v.ask(ctx, http.MethodPost, entry.Path, entry.Entry{Name: name, Text: text}, &kept)
	return kept, err
}

// Read lists the entries, the oldest first.
func (v Visit) Read(ctx context.Context) (all []entry.Entry, err error) {
	err = v.ask(ctx, http.MethodGet, entry.Path, nil, &all)
	return all, err
}

// Strike takes an entry out again.
func (v Visit) Strike(ctx context.Context, id string) error {
	return v.ask(ctx, http.MethodDelete, entry.Path+"/"+id, nil, nil)
}

const longest = 16 << 20 // bytes of an answer that are read

func (v Visit) ask(ctx context.Context, method, path string, body, into any) error {
	sent, err := json.Marshal(body)
	if err != nil {
		return v.unanswered(err)
	}
	request, err := http.NewRequestWithContext(ctx, method, "http://"+v.to.Name+path, bytes.NewReader(sent))
	if err != nil {
		return v.unanswered(err)
	}
	response, err := v.client.Do(request)
	if err != nil {
		return v.unanswered(err)
	}
	defer func() { _ = response.Body.Close() }() // it was read
	text, err := io.ReadAll(io.LimitReader(response.Body, longest))
	if err != nil {
		return v.unanswered(err)
	}
	if response.StatusCode >= http.StatusMultipleChoices {
		return diag.New(diag.WrongAnswer, "Service/"+v.to.Name).Saw(fmt.Sprintf("%s %s: %s: %s", method, path, response.Status, bytes.TrimSpace(text)))
	}
	if into == nil {
		return nil
	}
	if err := json.Unmarshal(text, into); err != nil {
		return diag.New(diag.WrongAnswer, "Service/"+v.to.Name).Because(err)
	}
	return nil
}

func (v Visit) unanswered(err error) error {
	return diag.New(diag.NobodyAnswered, "Service/"+v.to.Name).Because(err)
}
