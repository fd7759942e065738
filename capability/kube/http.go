// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"context"
	"net"
	"net/http"
)

// HTTP gives a client that reaches the Service through the cluster, whatever host a URL names. Each request
// has a connection of its own, to a Pod that is ready at that moment, and ends with its context.
func HTTP(on Dialer, to Service) *http.Client {
	return &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext:       func(ctx context.Context, _, _ string) (net.Conn, error) { return on.Dial(ctx, to) },
	}}
}
