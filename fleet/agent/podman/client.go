// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package podman

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"
)

const (
	// libpod is podman's own API, and docker that of Docker as podman speaks it.
	libpod = "http://podman/v4.0.0/libpod"
	docker = "http://podman/v4.0.0"
	// maxAnswer bounds what is read of one answer: a list of all containers has some kilobytes each.
	maxAnswer   = 16 << 20
	dialTimeout = 5 * time.Second
	// callLimit bounds what podman does at once. Pulling, waiting, stopping and what streams take as long as their context.
	callLimit = 30 * time.Second
)

// A Client asks one podman.
type Client struct {
	http   *http.Client
	socket string
}

// New gives a client of the podman that listens on this socket, a path. It does not connect yet.
func New(socket string) *Client {
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{Timeout: dialTimeout}).DialContext(ctx, "unix", socket)
	}
	return &Client{&http.Client{Transport: &http.Transport{DialContext: dial, MaxIdleConnsPerHost: 4, IdleConnTimeout: time.Minute}}, socket}
}

// An Error is why podman did not do what it was asked.
type Error struct {
	Doing string // such as "GET /info"
	// Status is what podman answered; 0 when it did not answer.
	Status  int
	Message string
	Cause   error
}

func (e *Error) Error() string { return fmt.Sprintf("podman: %s: %s", e.Doing, e.Message) }

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Cause }

// IsUnreachable tells whether podman did not answer at all.
func IsUnreachable(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Status == 0 && !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded)
}

// IsMissing tells whether there is nothing of that name.
func IsMissing(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Status == http.StatusNotFound
}

// IsStopped tells whether podman refused because a container does not run.
func IsStopped(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Status == http.StatusConflict
}

// call asks, with a body in JSON if there is one, and reads the answer into that. A podman that takes too long does not answer.
func (c *Client) call(ctx context.Context, method, path string, query url.Values, body, into any) error {
	limited, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	err := c.slow(limited, method, path, query, body, into)
	if err != nil && limited.Err() != nil && ctx.Err() == nil {
		return &Error{method + " " + path, 0, fmt.Sprintf("it has not answered within %s", callLimit), nil}
	}
	return err
}

// slow is call without a limit of its own.
func (c *Client) slow(ctx context.Context, method, path string, query url.Values, body, into any) error {
	answer, err := c.open(ctx, method, path, query, body)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Close() }() // it was read as far as it is wanted
	if into == nil {
		_, err = io.Copy(io.Discard, io.LimitReader(answer, maxAnswer))
	} else {
		err = json.NewDecoder(io.LimitReader(answer, maxAnswer)).Decode(into)
	}
	if err != nil {
		return &Error{method + " " + path, http.StatusOK, "its answer cannot be read: " + err.Error(), err}
	}
	return nil
}

// open asks podman's own API, and gives the answer to be read; whoever reads it closes it.
func (c *Client) open(ctx context.Context, method, path string, query url.Values, body any) (io.ReadCloser, error) {
	return c.ask(ctx, method, libpod, path, query, nil, body)
}

func (c *Client) ask(ctx context.Context, method, api, path string, query url.Values, header http.Header, body any) (io.ReadCloser, error) {
	doing := method + " " + path
	var content io.Reader
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			return nil, &Error{doing, http.StatusBadRequest, err.Error(), err}
		}
		content = bytes.NewReader(data)
	}
	request, err := http.NewRequestWithContext(ctx, method, api+path+"?"+query.Encode(), content)
	if err != nil {
		return nil, &Error{doing, http.StatusBadRequest, err.Error(), err}
	}
	for name, values := range header {
		request.Header[name] = values
	}
	request.Header.Set("Content-Type", "application/json")
	answer, err := c.http.Do(request)
	if err != nil {
		return nil, &Error{doing, 0, err.Error(), err}
	}
	if answer.StatusCode < http.StatusBadRequest {
		return answer.Body, nil
	}
	defer func() { _ = answer.Body.Close() }() // only why is wanted of it
	return nil, &Error{doing, answer.StatusCode, reason(answer), nil}
}

func reason(answer *http.Response) string {
	data, _ := io.ReadAll(io.LimitReader(answer.Body, 64<<10)) // what has come says enough
	var said struct{ Message string }
	if json.Unmarshal(data, &said) == nil && said.Message != "" {
		return said.Message
	}
	return fmt.Sprintf("%s: %.200s", answer.Status, data)
}

// Version gives podman's version.
func (c *Client) Version(ctx context.Context) (string, error) {
	var v struct{ Version string }
	if err := c.call(ctx, http.MethodGet, "/version", nil, nil, &v); err != nil {
		return "", err
	}
	return v.Version, nil
}
