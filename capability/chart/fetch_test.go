// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package chart_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"nationtech.io/harmony/capability/chart"
	"nationtech.io/harmony/diag"
)

const metadata = "apiVersion: v2\nname: small\nversion: 1.0.0+build\n"

// packed is an archive of a chart.
func packed(t *testing.T) []byte {
	t.Helper()
	var text bytes.Buffer
	zipped := gzip.NewWriter(&text)
	files := tar.NewWriter(zipped)
	for name, content := range map[string]string{"small/Chart.yaml": metadata, "small/templates/a.yaml": "kind: A\n"} {
		if err := files.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(content))}); err != nil {
			t.Fatal(err)
		}
		if _, err := files.Write([]byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(files.Close(), zipped.Close()); err != nil {
		t.Fatal(err)
	}
	return text.Bytes()
}

func sum(content []byte) string {
	s := sha256.Sum256(content)
	return "sha256:" + hex.EncodeToString(s[:])
}

// repository serves an index and an archive.
func repository(t *testing.T, archive []byte) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/charts/index.yaml":
			fmt.Fprint(w, "apiVersion: v1\nentries:\n  small:\n  - {version: 1.0.0+build, urls: [archives/small.tgz]}\n  - {version: 0.9.0, urls: [archives/gone.tgz]}\n")
		case "/charts/archives/small.tgz":
			_, _ = w.Write(archive)
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL + "/charts"
}

// pushed puts an archive into a registry, as helm push does, and gives the source and the digest of the manifest.
func pushed(t *testing.T, archive []byte) (source, digest string) {
	t.Helper()
	server := httptest.NewServer(registry.New())
	t.Cleanup(server.Close)
	host := strings.TrimPrefix(server.URL, "http://")
	image, err := mutate.AppendLayers(mutate.MediaType(empty.Image, types.OCIManifestSchema1), static.NewLayer(archive, "application/vnd.cncf.helm.chart.content.v1.tar+gzip"))
	if err != nil {
		t.Fatal(err)
	}
	tag, err := name.NewTag(host + "/charts/small:1.0.0_build")
	if err != nil {
		t.Fatal(err)
	}
	if err := remote.Write(tag, image); err != nil {
		t.Fatal(err)
	}
	of, err := image.Digest()
	if err != nil {
		t.Fatal(err)
	}
	return "oci://" + host + "/charts", of.String()
}

func fetched(t *testing.T, wanted chart.Reference) {
	t.Helper()
	files, err := chart.Fetcher{}.Fetch(t.Context(), wanted)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, f := range files {
		got[f.Name] = string(f.Data)
	}
	if len(got) != 2 || got["Chart.yaml"] != metadata || got["templates/a.yaml"] != "kind: A\n" {
		t.Errorf("got %v", got)
	}
}

func refused(t *testing.T, wanted chart.Reference, code diag.Code, says string) {
	t.Helper()
	_, err := chart.Fetcher{}.Fetch(t.Context(), wanted)
	var d *diag.Diagnostic
	if !errors.As(err, &d) || d.Code != code {
		t.Fatalf("got %v, want %s", err, code)
	}
	text, err := d.MarshalJSON()
	if err != nil || !strings.Contains(string(text), says) {
		t.Errorf("%q is not said: %s", says, text)
	}
}

// everywhere is the same chart from each kind of source, pinned.
func everywhere(t *testing.T) map[string]chart.Reference {
	t.Helper()
	archive := packed(t)
	file := filepath.Join(t.TempDir(), "small.tgz")
	if err := os.WriteFile(file, archive, 0o600); err != nil {
		t.Fatal(err)
	}
	source, digest := pushed(t, archive)
	const name, version = "small", "1.0.0+build"
	return map[string]chart.Reference{
		"an archive":           {Source: file, Digest: sum(archive)},
		"a repository by HTTP": {Source: repository(t, archive), Name: name, Version: version, Digest: sum(archive)},
		"a registry":           {Source: source, Name: name, Version: version, Digest: digest},
	}
}

func TestAChartIsFetchedFromEachKindOfSource(t *testing.T) {
	for name, wanted := range everywhere(t) {
		t.Run(name, func(t *testing.T) { fetched(t, wanted) })
	}
	t.Run("a directory", func(t *testing.T) {
		dir := t.TempDir()
		if err := os.Mkdir(filepath.Join(dir, "templates"), 0o700); err != nil {
			t.Fatal(err)
		}
		for name, text := range map[string]string{"Chart.yaml": metadata, "templates/a.yaml": "kind: A\n", "ignored": "x"} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.WriteFile(filepath.Join(dir, ".helmignore"), []byte("ignored\n.helmignore\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		fetched(t, chart.Reference{Source: dir})
		refused(t, chart.Reference{Source: dir, Digest: "sha256:1"}, diag.ChartNotPinned, "which has no digest")
	})
}

func TestAChartThatIsNotTheOneOfThePinIsRefused(t *testing.T) {
	for name, wanted := range everywhere(t) {
		t.Run(name, func(t *testing.T) {
			right := wanted.Digest
			wanted.Digest = "sha256:" + strings.Repeat("0", 64)
			refused(t, wanted, diag.ChartNotPinned, right)
		})
	}
}

func TestAChartFromElsewhereWithoutAPinIsRefusedAndTheDigestIsSaid(t *testing.T) {
	for name, wanted := range everywhere(t) {
		if name == "an archive" {
			continue // of this machine
		}
		t.Run(name, func(t *testing.T) {
			right := wanted.Digest
			wanted.Digest = ""
			refused(t, wanted, diag.ChartNotPinned, "no digest is given; it has "+right)
		})
	}
}

func TestAChartThatIsNotThereIsSaidWithWhatIs(t *testing.T) {
	there := everywhere(t)
	by := there["a repository by HTTP"]
	other, gone, unknown := by, by, by
	other.Version, gone.Version, unknown.Name = "2.0.0", "0.9.0", "large"
	refused(t, other, diag.ChartNotFetched, "1.0.0+build, 0.9.0")
	refused(t, gone, diag.ChartNotFetched, "archives/gone.tgz")
	refused(t, unknown, diag.ChartNotFetched, "the repository has: small")
	registry := there["a registry"]
	registry.Version = "2.0.0"
	refused(t, registry, diag.ChartNotFetched, "small:2.0.0")
	refused(t, chart.Reference{Source: filepath.Join(t.TempDir(), "no")}, diag.ChartNotFetched, "no such file")
	refused(t, chart.Reference{Source: "http://127.0.0.1:1", Name: "small", Version: "1"}, diag.ChartNotFetched, "refused")
}

func TestWhatIsNoArchiveIsSaid(t *testing.T) {
	junk := []byte("no archive")
	refused(t, chart.Reference{Source: repository(t, junk), Name: "small", Version: "1.0.0+build", Digest: sum(junk)}, diag.ChartNotFetched, "no archive of a chart")
	image, digest := pushed(t, junk)
	refused(t, chart.Reference{Source: image, Name: "small", Version: "1.0.0+build", Digest: digest}, diag.ChartNotFetched, "no archive of a chart")
}
