// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package source_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/internal/source"
)

const theirs = "example.com/theirs"

// theirProgram writes a module that requires Harmony and has to as its replacement, in a directory beside the checkout.
func theirProgram(t *testing.T, harmony, to string) string {
	t.Helper()
	dir := filepath.Join(filepath.Dir(harmony), filepath.Base(harmony)+"-theirs")
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	mod := "module example.com/theirs\n\ngo 1.26.0\n\nrequire nationtech.io/harmony v1.2.3\n"
	if to != "" {
		mod += "\nreplace nationtech.io/harmony => " + to + "\n"
	}
	write(t, filepath.Join(dir, "go.mod"), mod)
	write(t, filepath.Join(dir, "server/main.go"), "package main\n\nimport _ \"nationtech.io/harmony/wait\"\n\nfunc main() {}\n")
	return dir
}

// tested is the build info that the go command gives to tests: it lists no modules.
func tested() *debug.BuildInfo {
	return &debug.BuildInfo{Main: debug.Module{Path: theirs, Version: "(devel)"}}
}

func TestAThirdPartysProgramFindsItsOwnSourcesAndTheHarmonyBesideThem(t *testing.T) {
	harmony, nowhere := checkout(t), t.TempDir()
	beside := "../" + filepath.Base(harmony)
	dir := theirProgram(t, harmony, beside)
	linked := dependency("v1.2.3", &debug.Module{Path: beside, Version: "(devel)"})
	for _, c := range []struct {
		name   string
		search source.Search
		module string
		want   string
	}{
		{"its own, from within it", source.Search{WorkDir: filepath.Join(dir, "server"), Build: linked}, theirs, dir},
		{"its own, above the executable", source.Search{WorkDir: nowhere, Executable: filepath.Join(dir, "bin/x"), Build: linked}, theirs, dir},
		{"Harmony, by a relative replace", source.Search{WorkDir: dir, Build: linked}, source.Harmony, harmony},
		{"Harmony, from another directory", source.Search{WorkDir: nowhere, Executable: filepath.Join(dir, "bin/x"), Build: linked}, source.Harmony, harmony},
		{"Harmony, in a test", source.Search{WorkDir: filepath.Join(dir, "server"), Build: tested()}, source.Harmony, harmony},
		{"localkube, in a test", source.Search{WorkDir: dir, Build: tested()}, source.Localkube, filepath.Join(harmony, "localkube")},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := c.search.Find(t.Context(), c.module)
			if want := (source.Tree{Module: c.module, Dir: c.want}); err != nil || got != want {
				t.Errorf("got %+v, want %+v (%v)", got, want, err)
			}
		})
	}
}

func TestATestOfAThirdPartyTakesTheHarmonyThatItsGoModRequires(t *testing.T) {
	harmony := checkout(t)
	dir := theirProgram(t, harmony, "")
	proxy(t, harmony)
	got, err := source.Search{WorkDir: dir, Build: tested()}.Find(t.Context(), source.Harmony)
	if err != nil || got.Version != "v1.2.3" {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestSourcesThatAThirdPartysProgramLacksAreExplained(t *testing.T) {
	harmony := checkout(t)
	away := theirProgram(t, harmony, "../no-such-directory")
	fork := filepath.Join(theirProgram(t, checkout(t), "example.com/fork v1.0.0"))
	for _, c := range []struct {
		name   string
		search source.Search
		module string
		says   string
	}{
		{"its own", source.Search{WorkDir: t.TempDir(), Build: tested()}, theirs, "no checkout of " + theirs},
		{"a module that it does not require", source.Search{WorkDir: away, Build: tested()}, "example.com/other", "does not require example.com/other"},
		{"a replace that leads nowhere", source.Search{WorkDir: away, Build: tested()}, source.Harmony, "no such module in " + filepath.Join(filepath.Dir(harmony), "no-such-directory")},
		{"a replace from nowhere", source.Search{WorkDir: t.TempDir(), Build: dependency("v1.2.3", &debug.Module{Path: "../harmony", Version: "(devel)"})}, source.Harmony, "run the program inside the checkout of " + theirs},
		{"a fork", source.Search{WorkDir: fork, Build: tested()}, source.Harmony, "example.com/fork"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := c.search.Find(t.Context(), c.module)
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

func TestAKeyChangesWithWhatPeopleEditAndABuildReads(t *testing.T) {
	for _, c := range []struct {
		name, file, text string
		changes          bool
	}{
		{"the program itself", "theirs/server/main.go", "package main\n", true},
		{"another package", "theirs/other/other.go", "package other\n", false},
		{"a package that it imports from the checkout of Harmony", "harmony/wait/wait.go", "package wait\n\n// more\n", true},
		{"one that this imports", "harmony/diag/diag.go", "package diag\n\n// more\n", true},
		{"one that it does not import", "harmony/cli/cli.go", "package cli\n", false},
		{"what Harmony requires", "harmony/go.mod", "module nationtech.io/harmony\n\ngo 1.26.1\n", true},
		{"the checksums of Harmony, which nobody reads", "harmony/go.sum", "more", false},
		{"the checksums", "theirs/go.sum", "more", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			root := t.TempDir()
			write(t, filepath.Join(root, "harmony/go.mod"), "module nationtech.io/harmony\n\ngo 1.26.0\n")
			write(t, filepath.Join(root, "harmony/wait/wait.go"), "package wait\n\nimport _ \"nationtech.io/harmony/diag\"\n")
			write(t, filepath.Join(root, "harmony/diag/diag.go"), "package diag\n")
			dir := theirProgram(t, filepath.Join(root, "harmony"), "../harmony")
			if err := os.Rename(dir, filepath.Join(root, "theirs")); err != nil {
				t.Fatal(err)
			}
			tree := source.Tree{Module: theirs, Dir: filepath.Join(root, "theirs")}
			before := key(t, tree)
			write(t, filepath.Join(root, c.file), c.text)
			if after := key(t, tree); (after != before) != c.changes {
				t.Errorf("changed: %v, want %v", after != before, c.changes)
			}
		})
	}
}

func key(t *testing.T, tree source.Tree) string {
	t.Helper()
	key, err := tree.Key(theirs + "/server")
	if err != nil {
		t.Fatal(err)
	}
	return key
}
