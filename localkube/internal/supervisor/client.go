// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package supervisor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"nationtech.io/harmony/localkube/internal/fault"
	"nationtech.io/harmony/localkube/internal/state"
)

// ErrNotRunning says that the cluster has no supervisor.
var ErrNotRunning = errors.New("the cluster does not run")

// statusLimit is how long a supervisor may take to tell its status: it does nothing else for it.
const statusLimit = 5 * time.Second

// Client gives orders to a cluster's supervisor.
type Client struct {
	http   http.Client
	socket string
}

// NewClient makes a client; nothing is dialled before the first order.
func NewClient(c state.Cluster) *Client {
	client := &Client{socket: c.Socket()}
	client.http.Transport = &http.Transport{DialContext: client.dial, DisableKeepAlives: true}
	return client
}

// socketPath gives a path to a socket that is short enough for the kernel (108
// bytes) however deep the socket lies: through a descriptor of its directory.
func socketPath(socket string) (path string, closeDir func(), err error) {
	dir, err := os.Open(filepath.Dir(socket))
	if err != nil {
		return "", nil, fault.Wrap(fault.Absent, err, "open the directory of %s", socket)
	}
	return fmt.Sprintf("/proc/self/fd/%d/%s", dir.Fd(), filepath.Base(socket)), func() { _ = dir.Close() }, nil
}

func (c *Client) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	path, closeDir, err := socketPath(c.socket)
	if err != nil {
		return nil, err
	}
	defer closeDir()
	var dialer net.Dialer
	return dialer.DialContext(ctx, "unix", path)
}

// Status asks for the status. It is ErrNotRunning when there is no supervisor.
func (c *Client) Status(ctx context.Context) (Status, error) {
	var s Status
	ctx, cancel := context.WithTimeout(ctx, statusLimit)
	defer cancel()
	body, err := c.do(ctx, http.MethodGet, "/status")
	if err != nil {
		return s, err
	}
	if err := json.Unmarshal(body, &s); err != nil {
		return s, fault.Wrap(fault.Failed, err, "read the supervisor's status")
	}
	return s, nil
}

// Ready notes that everything was seen to work.
func (c *Client) Ready(ctx context.Context) error { return c.post(ctx, "/ready") }

// Grow starts nodes that the spec has gained.
func (c *Client) Grow(ctx context.Context) error { return c.post(ctx, "/grow") }

// Stop stops the cluster; with discard at once, as nothing of it is needed any more.
// It returns when the order is taken.
func (c *Client) Stop(ctx context.Context, discard bool) error {
	if discard {
		return c.post(ctx, "/stop?discard")
	}
	return c.post(ctx, "/stop")
}

// Node starts, stops, kills, partitions or heals a node, and returns when that is done.
func (c *Client) Node(ctx context.Context, name, action string) error {
	return c.post(ctx, "/nodes/"+url.PathEscape(name)+"/"+action)
}

func (c *Client) post(ctx context.Context, path string) error {
	_, err := c.do(ctx, http.MethodPost, path)
	return err
}

func (c *Client) do(ctx context.Context, method, path string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, method, "http://supervisor"+path, nil)
	if err != nil {
		return nil, fault.Wrap(fault.Failed, err, "ask the supervisor")
	}
	response, err := c.http.Do(request)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED) {
		return nil, ErrNotRunning
	}
	if err != nil {
		return nil, fault.Wrap(fault.Failed, err, "ask the supervisor")
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, fault.Wrap(fault.Failed, err, "ask the supervisor")
	}
	if response.StatusCode == http.StatusOK {
		return body, nil
	}
	var r refusal
	if json.Unmarshal(body, &r) == nil && r.Message != "" {
		return nil, fault.New(r.Kind, "%s", r.Message)
	}
	return nil, fault.New(fault.Failed, "the supervisor answers %s to %s", response.Status, path)
}
