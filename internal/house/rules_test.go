// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package house_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"nationtech.io/harmony/internal/house"
)

func TestThisRepositoryKeepsTheRule(t *testing.T) {
	for _, rule := range house.Rules() {
		t.Run(rule.Name, func(t *testing.T) {
			t.Parallel()
			found, err := rule.Look(tree)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range found {
				t.Error(rule.Says(f))
			}
		})
	}
}

// testdata/rules has a checkout for each rule: what is bad in it, and beside it what is good. The file
// "want" has what the rule must find, and nothing else may be.
func TestARuleFindsWhatIsBadAndNothingElse(t *testing.T) {
	for _, rule := range house.Rules() {
		t.Run(rule.Name, func(t *testing.T) {
			t.Parallel()
			bad, want := checkout(t, "testdata/rules/"+rule.Name+".txtar")
			if len(want) == 0 {
				t.Fatal("the example has nothing bad")
			}
			found, err := rule.Look(bad)
			if err != nil {
				t.Fatal(err)
			}
			slices.Sort(found)
			slices.Sort(want)
			if diff := cmp.Diff(want, found); diff != "" {
				t.Errorf("(-want +found)\n%s", diff)
			}
			for _, part := range []string{rule.Name + ": " + want[0], "\n\twhy: " + rule.Why, "\n\tfix: " + rule.Fix} {
				if said := rule.Says(want[0]); !strings.Contains(said, part) || rule.Why == "" || rule.Fix == "" {
					t.Errorf("it does not say %q but %q", part, said)
				}
			}
		})
	}
}

// checkout writes an archive to a directory of its own.
func checkout(t *testing.T, archive string) (made house.Tree, want []string) {
	t.Helper()
	a, err := txtar.ParseFile(archive)
	if err != nil {
		t.Fatal(err)
	}
	made.Root = t.TempDir()
	for _, f := range a.Files {
		if f.Name == "want" {
			want = strings.Split(strings.TrimSpace(string(f.Data)), "\n")
			continue
		}
		name := filepath.Join(made.Root, f.Name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return made, want
}
