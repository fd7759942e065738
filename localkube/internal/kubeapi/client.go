// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package kubeapi is as much of a Kubernetes client as localkube needs: it
// applies manifests and reads a few fields. A whole client library would make
// the manager slower to build and to start than all that it does.
package kubeapi

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"nationtech.io/harmony/localkube/internal/fault"
)

// fieldManager is the name under which we own fields of what we apply.
const fieldManager = "localkube"

// Client speaks to one API server as the holder of a kubeconfig.
type Client struct {
	http   http.Client
	server string
}

// StatusError is an answer that is no success.
type StatusError struct {
	Code    int
	Message string
}

func (e *StatusError) Error() string { return fmt.Sprintf("%d: %s", e.Code, e.Message) }

// IsNotFound reports whether the API server knows no such object.
func IsNotFound(err error) bool {
	s, ok := errors.AsType[*StatusError](err)
	return ok && s.Code == http.StatusNotFound
}

// FromKubeconfig makes a client from a kubeconfig that localkube wrote.
func FromKubeconfig(path string) (*Client, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fault.Wrap(fault.Absent, err, "read the kubeconfig")
	}
	var config struct {
		Clusters []struct {
			Cluster struct {
				Server string `json:"server"`
				CA     []byte `json:"certificate-authority-data"`
			} `json:"cluster"`
		} `json:"clusters"`
		Users []struct {
			User struct {
				Certificate []byte `json:"client-certificate-data"`
				Key         []byte `json:"client-key-data"`
			} `json:"user"`
		} `json:"users"`
	}
	if err := json.Unmarshal(content, &config); err != nil {
		return nil, fault.Wrap(fault.Failed, err, "read %s", path)
	}
	if len(config.Clusters) != 1 || len(config.Users) != 1 {
		return nil, fault.New(fault.Failed, "%s has not one cluster and one user", path)
	}
	user, cluster := config.Users[0].User, config.Clusters[0].Cluster
	pair, err := tls.X509KeyPair(user.Certificate, user.Key)
	if err != nil {
		return nil, fault.Wrap(fault.Failed, err, "read the identity in %s", path)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(cluster.CA)
	return &Client{server: cluster.Server, http: http.Client{
		Timeout: 10 * time.Second,
		Transport: &http.Transport{
			TLSClientConfig:   &tls.Config{RootCAs: pool, Certificates: []tls.Certificate{pair}},
			ForceAttemptHTTP2: true,
		},
	}}, nil
}

// Close lets connections go.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Ready asks whether the API server is ready.
func (c *Client) Ready(ctx context.Context) error {
	_, err := c.do(ctx, http.MethodGet, "/readyz", "", nil)
	return err
}

// Get reads the object at a path.
func (c *Client) Get(ctx context.Context, path string, into any) error {
	body, err := c.do(ctx, http.MethodGet, path, "", nil)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(body, into); err != nil {
		return fault.Wrap(fault.Failed, err, "read %s", path)
	}
	return nil
}

// Apply makes the object at a path as the manifest says; fields that others own stay.
func (c *Client) Apply(ctx context.Context, path string, manifest []byte) error {
	_, err := c.do(ctx, http.MethodPatch, path+"?force=true&fieldManager="+fieldManager, "application/apply-patch+yaml", manifest)
	return err
}

// Delete deletes the object at a path at once. That there is none is no error.
func (c *Client) Delete(ctx context.Context, path string) error {
	_, err := c.do(ctx, http.MethodDelete, path+"?gracePeriodSeconds=0", "", nil)
	if IsNotFound(err) {
		return nil
	}
	return err
}

func (c *Client) do(ctx context.Context, method, path, contentType string, body []byte) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, method, c.server+path, bytes.NewReader(body))
	if err != nil {
		return nil, fault.Wrap(fault.Failed, err, "ask the API server")
	}
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return nil, fault.Wrap(fault.Failed, err, "ask the API server")
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, fault.Wrap(fault.Failed, err, "ask the API server")
	}
	if response.StatusCode < 300 {
		return answer, nil
	}
	var status struct {
		Message string `json:"message"`
	}
	if json.Unmarshal(answer, &status) != nil || status.Message == "" {
		status.Message = fmt.Sprintf("%.200s", answer)
	}
	return nil, &StatusError{Code: response.StatusCode, Message: status.Message}
}
