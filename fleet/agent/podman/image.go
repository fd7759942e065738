// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package podman

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"nationtech.io/harmony/fleet/agent/podman/internal/login"
	"nationtech.io/harmony/secret"
)

// A Login is what a registry knows this device by; the zero value is none.
type Login struct {
	User     string
	Password secret.Value
}

// HasImage tells whether the device has an image.
func (c *Client) HasImage(ctx context.Context, reference string) (bool, error) {
	err := c.call(ctx, http.MethodGet, "/images/"+url.PathEscape(reference)+"/exists", nil, nil, nil)
	if IsMissing(err) {
		return false, nil
	}
	return err == nil, err
}

// Pull fetches an image from its registry, as long as the context lets it. It calls heard whenever some of it has come.
//
// It asks as Docker's clients do: of its own API podman says nothing while a layer is on its way, and here it does every second.
func (c *Client) Pull(ctx context.Context, reference string, as Login, heard func()) error {
	const doing = "pull"
	header := http.Header{}
	if as.User != "" {
		value, err := login.Encode(as.User, as.Password)
		if err != nil {
			return &Error{doing, http.StatusBadRequest, err.Error(), err}
		}
		header.Set(login.Header, value)
	}
	answer, err := c.ask(ctx, http.MethodPost, docker, "/images/create", url.Values{"fromImage": {reference}}, header, nil)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Close() }() // it was read to its end, or has failed
	lines := bufio.NewScanner(answer)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		heard()
		var said struct{ Error string }
		if err := json.Unmarshal(lines.Bytes(), &said); err == nil && said.Error != "" {
			return &Error{doing, http.StatusBadGateway, strings.TrimSpace(said.Error), nil}
		}
	}
	if err := lines.Err(); err != nil {
		return &Error{doing, 0, err.Error(), err}
	}
	return nil
}
