// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/diag"
)

// dialer is a Dialer that tells which Services it was asked for.
type dialer struct {
	address string
	asked   []kube.Service
}

func (d *dialer) Dial(ctx context.Context, to kube.Service) (net.Conn, error) {
	d.asked = append(d.asked, to)
	if d.address == "" {
		return nil, diag.New(diag.NoEndpoint, "Service/"+to.Name)
	}
	return (&net.Dialer{}).DialContext(ctx, "tcp", d.address)
}

var web = kube.Service{Namespace: "ns", Name: "web", Port: 80}

func get(t *testing.T, client *http.Client) (string, error) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://whatever.example/path", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := client.Do(request)
	if err != nil {
		return "", err
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	return string(text), err
}

func TestHTTPReachesTheServiceThroughTheClusterEachTimeAnew(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.URL.Path) }))
	defer server.Close()
	d := &dialer{address: server.Listener.Addr().String()}
	client := kube.HTTP(d, web)
	for range 2 {
		if got, err := get(t, client); err != nil || got != "/path" {
			t.Errorf("got %q, %v", got, err)
		}
	}
	if len(d.asked) != 2 || d.asked[0] != web || d.asked[1] != web {
		t.Errorf("asked for %v", d.asked)
	}
}

func TestHTTPTellsWhyTheServiceWasNotReached(t *testing.T) {
	_, err := get(t, kube.HTTP(&dialer{}, web))
	var d *diag.Diagnostic
	if !errors.As(err, &d) || d.Code != diag.NoEndpoint {
		t.Errorf("got %v", err)
	}
}
