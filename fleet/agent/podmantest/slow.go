// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package podmantest

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"nationtech.io/harmony/wait"
)

// The repositories of which a registry gives blobs slowly, and never.
const (
	Slow   = "test/slow"
	Silent = "test/silent"
)

const (
	pieces = 12
	pause  = 200 * time.Millisecond // between two pieces
)

// slowly gives some of what a registry has as it comes over a bad link: piece by piece, or not at all.
func slowly(registry http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch blob := r.Method == http.MethodGet; {
		case blob && strings.HasPrefix(r.URL.Path, "/v2/"+Silent+"/blobs/"):
			<-r.Context().Done()
		case blob && strings.HasPrefix(r.URL.Path, "/v2/"+Slow+"/blobs/"):
			registry.ServeHTTP(&slow{w, r.Context()}, r)
		default:
			registry.ServeHTTP(w, r)
		}
	})
}

// slow writes piece by piece.
type slow struct {
	http.ResponseWriter
	ctx context.Context //nolint:containedctx // it ends what is written
}

func (s *slow) Write(data []byte) (n int, err error) {
	for piece := range slices.Chunk(data, len(data)/pieces+1) {
		some, err := s.ResponseWriter.Write(piece)
		n += some
		if err != nil {
			return n, err
		}
		s.ResponseWriter.(http.Flusher).Flush()
		if err := wait.Sleep(s.ctx, pause); err != nil {
			return n, err
		}
	}
	return n, nil
}
