// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package house_test

import (
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/internal/house"
)

var tree = house.Tree{Root: "../.."}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := tree.Read(name)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func markdown(t *testing.T) []string {
	t.Helper()
	files, err := tree.Markdown()
	if err != nil || len(files) < 10 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	return files
}

func TestEveryCodeHasAPageAndEveryPageACode(t *testing.T) {
	want := map[string]string{}
	for _, code := range diag.Codes() {
		want["docs/errors/"+string(code)+".md"] = "# " + string(code) + ": " + code.Summary()
	}
	got := map[string]string{}
	for _, file := range markdown(t) {
		if path.Dir(file) == "docs/errors" {
			got[file], _, _ = strings.Cut(read(t, file), "\n")
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("titles of pages (-want +got):\n%s", diff)
	}
}

func TestAPageOfACodeSaysWhatHowAndWhatToDo(t *testing.T) {
	for _, code := range diag.Codes() {
		text := read(t, "docs/errors/"+string(code)+".md")
		for _, section := range []string{"## What it means", "## How it comes about", "## What to do"} {
			if strings.Count(text, "\n"+section+"\n\n") != 1 {
				t.Errorf("%s: no section %q", code, section)
			}
		}
		for i, line := range strings.Split(text, "\n") {
			if len([]rune(line)) > 100 {
				t.Errorf("%s.md:%d: longer than 100 columns", code, i+1)
			}
		}
	}
}

func TestTheIndexOfDecisionsIsFresh(t *testing.T) {
	want, err := tree.Index()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, read(t, house.DecisionIndex)); diff != "" {
		t.Errorf("go run ./internal/house/adrindex would change it:\n%s", diff)
	}
}

func TestEveryDependencyHasAReason(t *testing.T) {
	modules, err := tree.Modules()
	if err != nil {
		t.Fatal(err)
	}
	if len(modules) < 4 {
		t.Fatalf("only %d modules were found", len(modules))
	}
	page := read(t, "docs/dependencies.md")
	for _, m := range modules {
		_, section, found := strings.Cut(page, "\n## "+m.Path+"\n")
		if !found {
			t.Errorf("docs/dependencies.md has no section %s", m.Path)
			continue
		}
		section, _, _ = strings.Cut(section, "\n## ")
		var listed []string
		for _, row := range house.Rows(section, "module") {
			listed = append(listed, strings.Trim(row[0], "`"))
			if row[len(row)-1] == "" {
				t.Errorf("%s: no reason for %s", m.Path, row[0])
			}
		}
		slices.Sort(listed)
		if diff := cmp.Diff(m.Direct, listed); diff != "" {
			t.Errorf("%s: what is imported (-) and what docs/dependencies.md lists (+):\n%s", m.Path, diff)
		}
	}
}

func TestRelativeLinksLeadSomewhere(t *testing.T) {
	for _, file := range markdown(t) {
		for _, target := range house.Links(read(t, file)) {
			target, _, _ = strings.Cut(target, "#")
			if target == "" || strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
				continue
			}
			if _, err := os.Stat(filepath.Join(tree.Root, path.Dir(file), target)); err != nil {
				t.Errorf("%s: %s leads nowhere", file, target)
			}
		}
	}
}

// A block of Go below a comment with the name of a file quotes that file, which the compiler sees.
func TestQuotedCodeStandsInTheFileThatItQuotes(t *testing.T) {
	quotes := 0
	for _, file := range markdown(t) {
		for _, block := range house.Blocks(file, read(t, file)) {
			if !strings.HasSuffix(block.Of, ".go") {
				continue
			}
			quotes++
			source := strings.Join(strings.Fields(read(t, block.Of)), " ")
			for _, part := range strings.Split(strings.Join(block.Lines, "\n"), "\n\n") {
				if !strings.Contains(source, strings.Join(strings.Fields(part), " ")) {
					t.Errorf("%s:%d: %s does not have:\n%s", file, block.Line, block.Of, part)
				}
			}
		}
	}
	if quotes == 0 {
		t.Error("nothing is quoted")
	}
}
