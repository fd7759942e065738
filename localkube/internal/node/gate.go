// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package node

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"os"
	"time"

	"nationtech.io/harmony/localkube/internal/config"
	"nationtech.io/harmony/localkube/internal/fault"
	"nationtech.io/harmony/localkube/internal/wait"
)

// gate holds components back until what they need answers: a kubelet that starts
// before its containerd ends at once, and one that starts before the API server
// loses seconds to back-off.
type gate struct {
	client *http.Client
	url    string
}

func newGate(apiServer string) (*gate, error) {
	ca, err := os.ReadFile(config.Home + "/pki/ca.crt")
	if err != nil {
		return nil, fault.Wrap(fault.Start, err, "read the cluster's authority")
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(ca)
	return &gate{
		url: apiServer + "/readyz",
		client: &http.Client{
			Timeout:   2 * time.Second,
			Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, DisableKeepAlives: true},
		},
	}, nil
}

// pass returns when all that is needed answers, or ctx has ended.
func (g *gate) pass(ctx context.Context, needs config.Needs) error {
	if needs.Containerd {
		if err := wait.Until(ctx, "containerd to answer", 20*time.Millisecond, containerdAnswers); err != nil {
			return err
		}
	}
	if needs.APIServer {
		return wait.Until(ctx, "the API server to be ready", 50*time.Millisecond, g.apiServerReady)
	}
	return nil
}

func containerdAnswers(ctx context.Context) (bool, string, error) {
	var dialer net.Dialer
	connection, err := dialer.DialContext(ctx, "unix", config.ContainerdSocket)
	if err != nil {
		return false, err.Error(), nil
	}
	_ = connection.Close()
	return true, "", nil
}

func (g *gate) apiServerReady(ctx context.Context) (bool, string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, g.url, nil)
	if err != nil {
		return false, "", fault.Wrap(fault.Start, err, "ask the API server")
	}
	response, err := g.client.Do(request)
	if err != nil {
		return false, err.Error(), nil
	}
	defer func() { _ = response.Body.Close() }()
	_, _ = io.Copy(io.Discard, response.Body)
	return response.StatusCode == http.StatusOK, response.Status, nil
}
