// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package image_test

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-containerregistry/pkg/registry"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/image"
)

func TestARunAsksForAnImageOnceAndTheNextRunAsksAgain(t *testing.T) {
	checkout(t)
	var asked, pushed atomic.Int64
	inner := registry.New(registry.Logger(log.New(io.Discard, "", 0)))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead && strings.Contains(r.URL.Path, "/manifests/sha256:") {
			asked.Add(1)
		}
		if r.Method == http.MethodPut && strings.Contains(r.URL.Path, "/manifests/sha256-") {
			pushed.Add(1)
		}
		inner.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	store := image.OnceARun(image.Registry{Prefix: strings.TrimPrefix(server.URL, "http://"), Builder: &image.Builder{Dir: t.TempDir()}})
	deploy := func() (got string) {
		if _, err := harmony.Deploy(t.Context(), harmony.Place(asks{&got}).On(shop{store})); err != nil {
			t.Fatal(err)
		}
		return got
	}
	first := deploy()
	if pushed.Load() != 1 {
		t.Errorf("what the preflight did not find was pushed %d times", pushed.Load())
	}
	asked.Store(0)
	if second := deploy(); second != first || asked.Load() != 1 || pushed.Load() != 1 {
		t.Errorf("got %s and %s: asked %d times, pushed %d times", first, second, asked.Load(), pushed.Load())
	}
	asked.Store(0)
	if deploy(); asked.Load() != 1 {
		t.Errorf("another run asked %d times", asked.Load())
	}
}
