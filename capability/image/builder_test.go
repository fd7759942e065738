// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package image_test

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/validate"

	"nationtech.io/harmony/capability/image"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/event"
)

var (
	hello = image.Image{Name: "hello", Package: "nationtech.io/harmony/cmd/hello"}
	amd64 = image.Platform{Arch: "amd64"}
)

// checkout writes a small module that passes for Harmony's own and goes there.
func checkout(t *testing.T) {
	t.Helper()
	t.Chdir(t.TempDir())
	write(t, "go.mod", "module nationtech.io/harmony\n\ngo 1.26.0\n")
	write(t, "cmd/hello/main.go", "package main\n\nimport \"nationtech.io/harmony/greeting\"\n\nfunc main() { println(greeting.Text) }\n")
	write(t, "cmd/hello/main_test.go", "package main\n")
	write(t, "greeting/greeting.go", "package greeting\n\nimport _ \"embed\"\n\n//go:embed text/hello.txt\nvar Text string\n")
	write(t, "greeting/text/hello.txt", "hello")
	write(t, "other/other.go", "package other\n")
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, []byte(text), 0o644)); err != nil {
		t.Fatal(err)
	}
}

func build(t *testing.T, b *image.Builder) image.Built {
	t.Helper()
	built, err := b.Build(t.Context(), hello, amd64)
	if err != nil {
		t.Fatal(err)
	}
	return built
}

// compiles tells whether Build compiles anything.
func compiles(t *testing.T, b *image.Builder) bool {
	t.Helper()
	seen := false
	ctx := event.Into(t.Context(), event.SinkFunc(func(event.Record) { seen = true }))
	if _, err := b.Build(ctx, hello, amd64); err != nil {
		t.Fatal(err)
	}
	return seen
}

func TestTheSameSourcesGiveTheSameDigestAnywhere(t *testing.T) {
	checkout(t)
	first := build(t, &image.Builder{Dir: t.TempDir()})
	checkout(t) // the same again, elsewhere
	t.Setenv("GOCACHE", t.TempDir())
	t.Setenv("GOFLAGS", "-tags=netgo")
	t.Setenv("TZ", "Asia/Tokyo")
	second := build(t, &image.Builder{Dir: t.TempDir()})
	if first.Digest != second.Digest {
		t.Errorf("%s here, %s there", first.Digest, second.Digest)
	}
}

func TestAnImageIsBuiltAgainOnlyWhenItsSourcesChange(t *testing.T) {
	for _, c := range []struct {
		name, file, text string
		want             bool
	}{
		{"nothing changed", "cmd/hello/main_test.go", "package main\n", false},
		{"a test", "cmd/hello/main_test.go", "package main\n\n// more\n", false},
		{"a package that it does not import", "other/other.go", "package other\n\n// more\n", false},
		{"documentation", "README.md", "more", false},
		{"the program", "cmd/hello/main.go", "package main\n\nfunc main() { println(1) }\n", true},
		{"a package that it imports", "greeting/greeting.go", "package greeting\n\nvar Text = `moin`\n", true},
		{"an embedded file", "greeting/text/hello.txt", "moin", true},
		{"the requirements", "go.mod", "module nationtech.io/harmony\n\ngo 1.26.1\n", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			checkout(t)
			b := &image.Builder{Dir: t.TempDir()}
			build(t, b)
			write(t, c.file, c.text)
			if got := compiles(t, b); got != c.want {
				t.Errorf("built again: %v, want %v", got, c.want)
			}
		})
	}
}

func TestAnImageHoldsAStaticProgramForAnUnprivilegedUser(t *testing.T) {
	checkout(t)
	built, err := build(t, &image.Builder{Dir: t.TempDir()}).Image()
	if err != nil {
		t.Fatal(err)
	}
	if err := validate.Image(built); err != nil {
		t.Error(err)
	}
	config, err := built.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprint(config.OS, config.Architecture, config.Config.User, config.Config.Entrypoint, config.Created.Unix())
	if want := fmt.Sprint("linux", "amd64", "65532:65532", []string{"/hello"}, 0); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	want := []string{"drwxr-xr-x etc/", "-rw-r--r-- etc/group", "-rw-r--r-- etc/passwd", "dtrwxrwxrwx tmp/", "-rwxr-xr-x hello"}
	if diff := cmp.Diff(want, files(t, built)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func files(t *testing.T, built v1.Image) (files []string) {
	t.Helper()
	layers, err := built.Layers()
	if err != nil || len(layers) != 1 {
		t.Fatalf("%d layers, %v", len(layers), err)
	}
	content, err := layers[0].Uncompressed()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = content.Close() }()
	for r := tar.NewReader(content); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		if !h.ModTime.Equal(time.Unix(0, 0)) || h.Uid != 0 || h.Uname != "" {
			t.Errorf("%s: %v of %d %q", h.Name, h.ModTime, h.Uid, h.Uname)
		}
		files = append(files, h.FileInfo().Mode().String()+" "+h.Name)
	}
}

func TestAnArchiveKeepsTheDigestAndCarriesTheName(t *testing.T) {
	checkout(t)
	built := build(t, &image.Builder{Dir: t.TempDir()})
	var archive bytes.Buffer
	if err := built.WriteArchive(&archive, "harmony.local/hello:1"); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for r := tar.NewReader(&archive); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, h.Name), string(text))
	}
	index, err := layout.ImageIndexFromPath(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := validate.Index(index); err != nil {
		t.Error(err)
	}
	manifest, err := index.IndexManifest()
	if err != nil || len(manifest.Manifests) != 1 {
		t.Fatal(manifest, err)
	}
	if m := manifest.Manifests[0]; m.Digest != built.Digest || m.Annotations["io.containerd.image.name"] != "harmony.local/hello:1" {
		t.Errorf("got %s %v", m.Digest, m.Annotations)
	}
}

func TestADamagedImageIsBuiltAgain(t *testing.T) {
	checkout(t)
	b := &image.Builder{Dir: t.TempDir()}
	whole := build(t, b)
	blobs, err := filepath.Glob(filepath.Join(b.Dir, "*", "blobs", "sha256", "*"))
	if err != nil || len(blobs) != 3 {
		t.Fatal(blobs, err)
	}
	for _, blob := range blobs {
		if err := os.Truncate(blob, 10); err != nil {
			t.Fatal(err)
		}
		if got := build(t, b); got.Digest != whole.Digest {
			t.Errorf("got %s, want %s", got.Digest, whole.Digest)
		}
		if built, err := whole.Image(); err != nil || validate.Image(built) != nil {
			t.Errorf("%s is still damaged: %v", blob, err)
		}
	}
}

func TestWhatWasNotUsedForLongIsPruned(t *testing.T) {
	checkout(t)
	b := &image.Builder{Dir: t.TempDir()}
	for i := range 60 {
		name := filepath.Join(b.Dir, fmt.Sprint("old-", i))
		used := time.Now().Add(-2*time.Hour - time.Duration(i)*time.Minute)
		if err := errors.Join(os.MkdirAll(name, 0o755), os.Chtimes(name, used, used)); err != nil {
			t.Fatal(err)
		}
	}
	build(t, b)
	left, err := os.ReadDir(b.Dir)
	if err != nil || len(left) != 40 {
		t.Errorf("%d left, %v", len(left), err)
	}
	if _, err := os.Stat(filepath.Join(b.Dir, "old-0")); err != nil {
		t.Error("the last used of the old ones is gone")
	}
	if compiles(t, b) {
		t.Error("what was just built is gone")
	}
}

func TestWhatCannotBeBuiltIsExplained(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(*testing.T)
		code  diag.Code
		says  string
	}{
		{"no Go", func(t *testing.T) { t.Setenv("PATH", t.TempDir()) }, diag.NoGoToolchain, "PATH has no go command"},
		{"it does not compile", func(t *testing.T) { write(t, "greeting/greeting.go", "package greeting\n\nvar Text = 1 +\n") }, diag.ImageNotBuilt, "greeting/greeting.go:4:1: syntax error"},
		{"no such package", func(t *testing.T) { _ = os.RemoveAll("cmd") }, diag.ImageNotBuilt, "cmd/hello"},
		{"no program", func(t *testing.T) {
			write(t, "cmd/hello/main.go", "package hello\n")
			write(t, "cmd/hello/main_test.go", "package hello\n")
		}, diag.ImageNotBuilt, "not a main package"},
		{"no sources", func(t *testing.T) { t.Chdir(t.TempDir()) }, diag.NoSources, "no checkout"},
	} {
		t.Run(c.name, func(t *testing.T) {
			checkout(t)
			c.spoil(t)
			_, err := (&image.Builder{Dir: t.TempDir()}).Build(t.Context(), hello, amd64)
			var d *diag.Diagnostic
			if !errors.As(err, &d) || d.Code != c.code || len(d.Help) == 0 {
				t.Fatalf("got %v, want %s with help", err, c.code)
			}
			text, err := d.MarshalJSON()
			if err != nil || !strings.Contains(string(text), c.says) {
				t.Errorf("%q is not in %s (%v)", c.says, text, err)
			}
		})
	}
}

func TestAnInterruptedBuildSaysSo(t *testing.T) {
	checkout(t)
	t.Setenv("GOCACHE", t.TempDir()) // nothing is compiled yet: it takes seconds
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ctx = event.Into(ctx, event.SinkFunc(func(event.Record) { cancel() }))
	b := &image.Builder{Dir: t.TempDir()}
	_, err := b.Build(ctx, hello, amd64)
	var d *diag.Diagnostic
	if !errors.As(err, &d) || d.Code != diag.Interrupted || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if left, err := os.ReadDir(b.Dir); err != nil || len(left) > 0 {
		t.Errorf("left %v, %v", left, err)
	}
}
