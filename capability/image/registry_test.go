// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package image_test

import (
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/validate"

	"nationtech.io/harmony/capability/image"
	"nationtech.io/harmony/diag"
)

// serve runs a registry and counts the requests that write.
func serve(t *testing.T) (host string, writes *atomic.Int64) {
	t.Helper()
	writes = new(atomic.Int64)
	inner := registry.New(registry.Logger(log.New(io.Discard, "", 0)))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			writes.Add(1)
		}
		inner.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://"), writes
}

func TestARegistryGetsTheImageForEveryPlatform(t *testing.T) {
	checkout(t)
	host, _ := serve(t)
	reference, err := image.Registry{Prefix: host + "/team/harmony/", Builder: &image.Builder{Dir: t.TempDir()}}.Provide(t.Context(), hello)
	if err != nil {
		t.Fatal(err)
	}
	digest, err := name.NewDigest(reference)
	if err != nil || digest.RepositoryStr() != "team/harmony/hello" {
		t.Fatal(reference, err)
	}
	index, err := remote.Index(digest)
	if err != nil {
		t.Fatal(err)
	}
	if err := validate.Index(index); err != nil {
		t.Error(err)
	}
	manifest, err := index.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	var platforms []string
	for _, m := range manifest.Manifests {
		platforms = append(platforms, m.Platform.String())
	}
	if diff := cmp.Diff([]string{"linux/amd64", "linux/arm64"}, platforms); diff != "" {
		t.Error(diff)
	}
	tags, err := remote.List(digest.Repository)
	if want := []string{"sha256-" + strings.TrimPrefix(digest.DigestStr(), "sha256:")[:12]}; err != nil || !cmp.Equal(want, tags) {
		t.Errorf("tags %v, want %v so that no one sweeps it (%v)", tags, want, err)
	}
}

func TestARegistryThatHasTheImageIsNotWrittenTo(t *testing.T) {
	checkout(t)
	host, writes := serve(t)
	store := image.Registry{Prefix: host, Builder: &image.Builder{Dir: t.TempDir()}}
	first, err := store.Provide(t.Context(), hello)
	if err != nil {
		t.Fatal(err)
	}
	before := writes.Load()
	second, err := store.Provide(t.Context(), hello)
	if err != nil || first != second || before == 0 || writes.Load() != before {
		t.Errorf("%s then %s, %d and %d writes, %v", first, second, before, writes.Load(), err)
	}
}

func TestAnUndeliveredImageIsExplained(t *testing.T) {
	checkout(t)
	builder := &image.Builder{Dir: t.TempDir()}
	refuses := func(status int) string {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
		t.Cleanup(server.Close)
		return strings.TrimPrefix(server.URL, "http://") + "/harmony"
	}
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	for _, c := range []struct{ name, prefix, help string }{
		{"who may not push", refuses(http.StatusForbidden), "podman login 127.0.0.1"},
		{"who is not logged in", refuses(http.StatusUnauthorized), "podman login 127.0.0.1"},
		{"a registry that is not one", refuses(http.StatusTeapot), "can be pushed to"},
		{"nobody there", strings.TrimPrefix(gone.URL, "http://"), "curl"},
		{"no name", "Registry Example", "in lower case"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := image.Registry{Prefix: c.prefix, Builder: builder}.Provide(t.Context(), hello)
			var d *diag.Diagnostic
			if !errors.As(err, &d) || d.Code != diag.ImageNotDelivered || !strings.Contains(fmt.Sprint(d.Help), c.help) {
				t.Errorf("got %v with help %q, want help %q", err, d.Help, c.help)
			}
		})
	}
}

func TestAReleaseUsesWhatItHasPublished(t *testing.T) {
	published := image.Image{Name: "hello", Published: "registry.example/harmony/hello"}
	theirs := image.Image{Name: "hello", Published: "registry.example/theirs/hello", Module: "example.com/theirs"}
	releases := map[string]string{"nationtech.io/harmony": "v1.2.3", "example.com/theirs": "v9.0.0"}
	for _, c := range []struct {
		name     string
		releases map[string]string
		image    image.Image
		want     string
	}{
		{"a release", releases, published, "registry.example/harmony/hello:v1.2.3"},
		{"a release of someone else's module", releases, theirs, "registry.example/theirs/hello:v9.0.0"},
		{"no release", nil, published, ""},
		{"an image that no one publishes", releases, hello, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := image.Published{Version: func(module string) string { return c.releases[module] }}.Provide(t.Context(), c.image)
			var d *diag.Diagnostic
			refused := errors.As(err, &d) && d.Code == diag.NoRegistry
			if got != c.want || refused != (c.want == "") {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}
