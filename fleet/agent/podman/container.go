// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package podman

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"time"
)

// A Listed is a container as a list tells it.
type Listed struct {
	ID       string `json:"Id"`
	Names    []string
	Image    string
	State    string // created, running, exited, …
	ExitCode int
	Labels   map[string]string
}

// Containers lists all containers, whatever their state, that have a label.
func (c *Client) Containers(ctx context.Context, label string) (all []Listed, err error) {
	filters, err := json.Marshal(map[string][]string{"label": {label}})
	if err != nil {
		return nil, &Error{"list containers", http.StatusBadRequest, err.Error(), err}
	}
	err = c.call(ctx, http.MethodGet, "/containers/json", url.Values{"all": {"true"}, "filters": {string(filters)}}, nil, &all)
	return all, err
}

// Details are what podman knows of one container.
type Details struct {
	State struct {
		Status    string
		ExitCode  int
		Error     string
		StartedAt time.Time
		Health    struct{ Status string }
	}
	ImageName    string
	RestartCount int64
	HostConfig   struct {
		Memory   int64 // bytes
		CPUQuota int64 `json:"CpuQuota"`
	}
}

// Keeps tells whether the container has these limits. Podman leaves out those that it cannot keep, and makes the container.
func (d Details) Keeps(l *Limits) bool {
	return l == nil || (l.Memory == nil || d.HostConfig.Memory == l.Memory.Limit) && (l.CPU == nil || d.HostConfig.CPUQuota == l.CPU.Quota)
}

// Inspect gives the details of a container.
func (c *Client) Inspect(ctx context.Context, id string) (d Details, err error) {
	err = c.call(ctx, http.MethodGet, "/containers/"+id+"/json", nil, nil, &d)
	return d, err
}

// Create makes a container, and gives its id.
func (c *Client) Create(ctx context.Context, s Spec) (id string, err error) {
	var made struct {
		ID string `json:"Id"`
	}
	err = c.call(ctx, http.MethodPost, "/containers/create", nil, s, &made)
	return made.ID, err
}

// Start starts a container. One that runs already stays as it is.
func (c *Client) Start(ctx context.Context, id string) error {
	return c.call(ctx, http.MethodPost, "/containers/"+id+"/start", nil, nil, nil)
}

// Stop asks a container to end, by SIGTERM, and kills it when it has not within the grace that it was made with. One
// that does not run, or is not there, is left as it is.
func (c *Client) Stop(ctx context.Context, id string) error {
	err := c.slow(ctx, http.MethodPost, "/containers/"+id+"/stop", nil, nil, nil)
	if IsMissing(err) {
		return nil
	}
	return err
}

// Remove takes a container away, and its nameless volumes. One that runs is killed.
func (c *Client) Remove(ctx context.Context, id string) error {
	err := c.slow(ctx, http.MethodDelete, "/containers/"+id, url.Values{"force": {"true"}, "v": {"true"}}, nil, nil)
	if IsMissing(err) {
		return nil
	}
	return err
}

// Wait returns when a container has ended, and gives its exit code.
func (c *Client) Wait(ctx context.Context, id string) (code int, err error) {
	err = c.slow(ctx, http.MethodPost, "/containers/"+id+"/wait", url.Values{"condition": {"exited"}, "interval": {"250ms"}}, nil, &code)
	return code, err
}

// Health runs the health check of a container now, and gives what that makes of it: healthy, unhealthy or starting. That takes as
// long as the check does: podman looks at its timeout only when it has ended. Whoever asks bounds it by the context.
func (c *Client) Health(ctx context.Context, id string) (string, error) {
	var said struct{ Status string }
	err := c.slow(ctx, http.MethodGet, "/containers/"+id+"/healthcheck", nil, nil, &said)
	return said.Status, err
}

// Restart stops a container as Stop does, and starts it.
func (c *Client) Restart(ctx context.Context, id string) error {
	return c.slow(ctx, http.MethodPost, "/containers/"+id+"/restart", nil, nil, nil)
}
