// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package zitadel

import (
	"net/http"

	"nationtech.io/harmony/capability/kube"
)

// Client reaches Zitadel through the cluster, by the address that others know, behind what ends TLS for them.
func (r Ref) Client(on kube.Dialer) *http.Client {
	client := kube.HTTP(on, r.Service())
	client.Transport = behind{r, client.Transport}
	return client
}

// behind sends requests as what ends TLS does.
type behind struct {
	of      Ref
	through http.RoundTripper
}

func (b behind) RoundTrip(asked *http.Request) (*http.Response, error) {
	plain := asked.Clone(asked.Context())
	plain.URL.Scheme = "http"
	b.of.Behind(plain)
	return b.through.RoundTrip(plain) //nolint:wrapcheck // it stands in the middle
}
