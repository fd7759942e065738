// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package source_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"

	"golang.org/x/mod/module"
	"golang.org/x/mod/zip"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/internal/source"
	"nationtech.io/harmony/internal/source/toolchain"
)

const version = "v1.2.3"

// checkout writes a small Harmony with localkube in it.
func checkout(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "go.mod"), "module nationtech.io/harmony\n\ngo 1.26.0\n")
	write(t, filepath.Join(dir, "cmd/hello/main.go"), "package main\n\nfunc main() { println(1) }\n")
	write(t, filepath.Join(dir, "localkube/go.mod"), "module nationtech.io/harmony/localkube\n\ngo 1.26.0\n")
	return dir
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, []byte(text), 0o644)); err != nil {
		t.Fatal(err)
	}
}

// proxy publishes the Harmony of dir as version, for the go command alone.
func proxy(t *testing.T, dir string) {
	t.Helper()
	root := t.TempDir()
	at := filepath.Join(root, "nationtech.io/harmony/@v")
	mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	if err := zip.CreateFromDir(&packed, module.Version{Path: source.Harmony, Version: version}, dir); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(at, "list"), version+"\n")
	write(t, filepath.Join(at, version+".info"), `{"Version":"`+version+`"}`)
	write(t, filepath.Join(at, version+".mod"), string(mod))
	write(t, filepath.Join(at, version+".zip"), packed.String())
	t.Setenv("GOPROXY", "file://"+root)
	t.Setenv("GONOSUMDB", "*")
	t.Setenv("GOMODCACHE", moduleCache(t))
}

// moduleCache is a directory that can be removed although the go command takes the right to write away.
func moduleCache(t *testing.T) string {
	dir := t.TempDir()
	t.Cleanup(func() {
		err := filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
			if err == nil && e.IsDir() {
				err = os.Chmod(name, 0o755)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
	return dir
}

func dependency(version string, replace *debug.Module) *debug.BuildInfo {
	return &debug.BuildInfo{
		Main: debug.Module{Path: "example.com/theirs", Version: "v9.0.0"},
		Deps: []*debug.Module{{Path: source.Harmony, Version: version, Replace: replace}},
	}
}

func TestFindPrefersACheckout(t *testing.T) {
	dir, other, empty := checkout(t), checkout(t), t.TempDir()
	inside := filepath.Join(dir, "cmd/hello")
	for _, c := range []struct {
		name   string
		search source.Search
		module string
		want   string
	}{
		{"at the working directory", source.Search{WorkDir: dir}, source.Harmony, dir},
		{"above the working directory", source.Search{WorkDir: inside}, source.Harmony, dir},
		{"above the executable", source.Search{WorkDir: empty, Executable: filepath.Join(dir, "bin/x")}, source.Harmony, dir},
		{"the working directory first", source.Search{WorkDir: inside, Executable: filepath.Join(other, "bin/x")}, source.Harmony, dir},
		{"what replaces it in another's program", source.Search{WorkDir: empty, Build: dependency("v1.0.0", &debug.Module{Path: dir, Version: "(devel)"})}, source.Harmony, dir},
		{"localkube within it", source.Search{WorkDir: inside}, source.Localkube, filepath.Join(dir, "localkube")},
		{"from within localkube", source.Search{WorkDir: filepath.Join(dir, "localkube")}, source.Harmony, dir},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := c.search.Find(t.Context(), c.module)
			if want := (source.Tree{Module: c.module, Dir: c.want}); err != nil || got != want {
				t.Errorf("got %+v, want %+v (%v)", got, want, err)
			}
		})
	}
}

func TestAReleaseBuildsTheSameAsItsCheckout(t *testing.T) {
	dir := checkout(t)
	proxy(t, dir)
	released, err := source.Search{WorkDir: t.TempDir(), Build: dependency(version, nil)}.Find(t.Context(), source.Harmony)
	if err != nil || released.Version != version {
		t.Fatal(released, err)
	}
	if a, b := compile(t, dir), compile(t, released.Dir); !bytes.Equal(a, b) {
		t.Errorf("%d bytes from the checkout, %d other ones from the release", len(a), len(b))
	}
	again, err := source.Search{WorkDir: t.TempDir(), Build: dependency(version, nil)}.Find(t.Context(), source.Harmony)
	if err != nil || again != released {
		t.Error(again, err)
	}
}

func compile(t *testing.T, dir string) []byte {
	t.Helper()
	golang, err := toolchain.Find(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	output := filepath.Join(t.TempDir(), "program")
	err = golang.Run(t.Context(), toolchain.Build{Dir: dir, Package: source.Harmony + "/cmd/hello", OS: "linux", Arch: "amd64", Output: output, Title: "hello"})
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(output)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestSourcesThatAreNowhereAreExplained(t *testing.T) {
	dir := checkout(t)
	for _, c := range []struct {
		name  string
		build *debug.BuildInfo
		says  string
	}{
		{"no build info", nil, "no checkout of " + source.Harmony},
		{"an unknown version", dependency("(devel)", nil), "does not know a released version"},
		{"an edited checkout", dependency("v1.2.4-0.20261123120000-abcdefabcdef+dirty", nil), "does not know a released version"},
		{"a version that was never published", dependency("v9.9.9", nil), "v9.9.9, which could not be fetched"},
	} {
		t.Run(c.name, func(t *testing.T) {
			proxy(t, dir)
			_, err := source.Search{WorkDir: t.TempDir(), Build: c.build}.Find(t.Context(), source.Harmony)
			var d *diag.Diagnostic
			if !errors.As(err, &d) || d.Code != diag.NoSources || len(d.Help) == 0 {
				t.Fatalf("got %v, want %s with help", err, diag.NoSources)
			}
			if text, err := d.MarshalJSON(); err != nil || !strings.Contains(string(text), c.says) {
				t.Errorf("%q is not in %s (%v)", c.says, text, err)
			}
		})
	}
}

func TestOnlyAReleaseHasAReleasedVersion(t *testing.T) {
	for version, want := range map[string]string{
		"v1.2.3":                             "v1.2.3",
		"v1.3.0-rc.1":                        "v1.3.0-rc.1",
		"v0.0.0-20261123120000-abcdefabcdef": "",
		"v1.2.3+dirty":                       "",
		"(devel)":                            "",
	} {
		if got := (source.Search{Build: dependency(version, nil)}).Release(source.Harmony); got != want {
			t.Errorf("%s: got %q, want %q", version, got, want)
		}
	}
}
