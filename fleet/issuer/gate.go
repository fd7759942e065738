// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package issuer

import (
	"net/http"
	"sync/atomic"
)

// gate answers that the issuer is not ready, but alive, until it is opened.
type gate struct{ to atomic.Pointer[http.Handler] }

func (g *gate) open(to http.Handler) { g.to.Store(&to) }

func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if to := g.to.Load(); to != nil {
		(*to).ServeHTTP(w, r)
		return
	}
	if r.URL.Path != "/healthz" {
		http.Error(w, "the control plane that tokens are for is not known yet", http.StatusServiceUnavailable)
	}
}
