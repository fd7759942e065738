// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package build

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func sourceTree(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "go.mod"), "module nationtech.io/harmony/localkube\n\nrequire (\n\ta.b/c v1.0.0\n\td.e/f v1.0.0 // indirect\n)\n")
	write(t, filepath.Join(dir, "go.sum"), "sums\n")
	write(t, filepath.Join(dir, "cmd", "engine", "main.go"), "package main\n")
	write(t, filepath.Join(dir, "internal", "cli", "cli.go"), "package cli\n")
	return dir
}

func TestHashFollowsWhatAPieceIsBuiltFrom(t *testing.T) {
	base := piece{name: "engine", packages: []string{"./cmd/engine"}, ldflags: "-s"}
	for _, test := range []struct {
		name    string
		change  func(t *testing.T, dir string, p *piece) (goVersion string)
		changes bool
	}{
		{"nothing", func(*testing.T, string, *piece) string { return "go1" }, false},
		{"its source", func(t *testing.T, dir string, _ *piece) string {
			write(t, filepath.Join(dir, "cmd/engine/main.go"), "package main // changed\n")
			return "go1"
		}, true},
		{"a file of its own more", func(t *testing.T, dir string, _ *piece) string {
			write(t, filepath.Join(dir, "cmd/engine/more.go"), "package main\n")
			return "go1"
		}, true},
		{"its tests", func(t *testing.T, dir string, _ *piece) string {
			write(t, filepath.Join(dir, "cmd/engine/main_test.go"), "package main\n")
			return "go1"
		}, false},
		{"the manager's source", func(t *testing.T, dir string, _ *piece) string {
			write(t, filepath.Join(dir, "internal/cli/cli.go"), "package cli // changed\n")
			return "go1"
		}, false},
		{"a required version", func(t *testing.T, dir string, _ *piece) string {
			write(t, filepath.Join(dir, "go.mod"), "module nationtech.io/harmony/localkube\n\nrequire (\n\ta.b/c v1.0.1\n\td.e/f v1.0.0 // indirect\n)\n")
			return "go1"
		}, true},
		{"which requirement is indirect, and their order", func(t *testing.T, dir string, _ *piece) string {
			write(t, filepath.Join(dir, "go.mod"), "module nationtech.io/harmony/localkube\n\nrequire d.e/f v1.0.0\n\nrequire a.b/c v1.0.0 // indirect\n")
			return "go1"
		}, false},
		{"go.sum", func(t *testing.T, dir string, _ *piece) string {
			write(t, filepath.Join(dir, "go.sum"), "other sums\n")
			return "go1"
		}, true},
		{"the Go version", func(*testing.T, string, *piece) string { return "go2" }, true},
		{"a flag", func(_ *testing.T, _ string, p *piece) string { p.ldflags = "-w"; return "go1" }, true},
		{"another name for it", func(_ *testing.T, _ string, p *piece) string {
			p.aliases = map[string]string{"containerd": "engine"}
			return "go1"
		}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir, p := sourceTree(t), base
			before, err := p.hash(dir, "go1")
			if err != nil {
				t.Fatal(err)
			}
			version := test.change(t, dir, &p)
			after, err := p.hash(dir, version)
			if err != nil {
				t.Fatal(err)
			}
			if (before != after) != test.changes {
				t.Errorf("hash %s became %s, want changed: %t", before, after, test.changes)
			}
		})
	}
}

func TestSourcesAreFoundAroundADirectory(t *testing.T) {
	dir := sourceTree(t)
	for _, from := range []string{dir, filepath.Join(dir, "cmd", "engine")} {
		if found, ok := walkUp(from); !ok || found != dir {
			t.Errorf("from %s: %q %t, want %s", from, found, ok, dir)
		}
	}
	root := t.TempDir()
	if err := os.Rename(dir, filepath.Join(root, "localkube")); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(root, "score", "nats"), 0o755); err != nil {
		t.Fatal(err)
	}
	if found, ok := walkUp(filepath.Join(root, "score", "nats")); !ok || found != filepath.Join(root, "localkube") {
		t.Errorf("beside: %q %t", found, ok)
	}
	if found, ok := walkUp(t.TempDir()); ok {
		t.Errorf("found %q where there is none", found)
	}
}

func TestSourcesThatAreNotWholeAreRefused(t *testing.T) {
	dir := sourceTree(t)
	if _, err := findSources(t.Context(), t.TempDir()); err == nil {
		t.Error("an empty directory was taken for our sources")
	}
	if _, err := findSources(t.Context(), dir); err == nil {
		t.Error("a checkout without the other modules was taken")
	}
	write(t, filepath.Join(dir, "runtime", "go.mod"), "module nationtech.io/harmony/localkube/runtime\n")
	write(t, filepath.Join(dir, "dns", "go.mod"), "module nationtech.io/harmony/localkube/dns\n")
	found, err := findSources(t.Context(), dir)
	if err != nil || found[dnsModule] != filepath.Join(dir, "dns") || found[runtimeModule] != filepath.Join(dir, "runtime") {
		t.Errorf("%v %v", found, err)
	}
}

func TestPruneKeepsTheNewestAndWhatIsInUse(t *testing.T) {
	c := cache(t.TempDir())
	now := time.Now()
	for i, hash := range []string{"new", "newer", "old", "held"} {
		write(t, filepath.Join(c.entry("engine", hash), "engine"), "binary")
		used := now.Add(-time.Duration(i) * time.Hour)
		if err := os.Chtimes(c.entry("engine", hash), used, used); err != nil {
			t.Fatal(err)
		}
	}
	write(t, filepath.Join(string(c), "engine", ".building-1", "engine"), "half a binary")
	lock, err := Hold(c.entry("engine", "held"))
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Unlock()
	// Taking the lock wrote into the directory: make it old again.
	if err := os.Chtimes(c.entry("engine", "held"), now.Add(-9*time.Hour), now.Add(-9*time.Hour)); err != nil {
		t.Fatal(err)
	}
	c.prune("engine")
	for hash, want := range map[string]bool{"new": true, "newer": true, "old": false, "held": true, ".building-1": false} {
		if got := c.has("engine", hash); got != want {
			t.Errorf("%s is there: %t, want %t", hash, got, want)
		}
	}
}

func TestPiecesHaveAsManyProgramsAsPackages(t *testing.T) {
	for _, p := range pieces() {
		if len(p.packages) != len(p.programs) {
			t.Errorf("%s: %d packages, %d programs", p.name, len(p.packages), len(p.programs))
		}
	}
}
