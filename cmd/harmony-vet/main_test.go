// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/go/analysis/analysistest"

	"nationtech.io/harmony/internal/vet"
)

const root = "../.."

func bad(rule string) string { return "./cmd/harmony-vet/testdata/" + rule }

// The bad package of a rule says in "want" comments what is found, and nothing else may be.
func TestEachRuleFindsWhatIsBadAndNothingElse(t *testing.T) {
	for _, rule := range vet.Rules() {
		t.Run(rule.Name, func(t *testing.T) {
			t.Parallel()
			dir, err := filepath.Abs(root)
			if err != nil {
				t.Fatal(err)
			}
			analysistest.Run(t, dir, rule, bad(rule.Name)+"/...")
		})
	}
}

// The page of a rule shows what go vet says of its bad package, to the letter.
func TestThePageOfARuleShowsWhatItSays(t *testing.T) {
	tool := filepath.Join(t.TempDir(), "harmony-vet")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-buildvcs=false", "-o", tool, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, rule := range vet.Rules() {
		t.Run(rule.Name, func(t *testing.T) {
			page, err := os.ReadFile(filepath.Join(root, "docs/rules", rule.Name+".md"))
			if err != nil {
				t.Fatal(err)
			}
			cmd := exec.CommandContext(t.Context(), "go", "vet", "-vettool="+tool, bad(rule.Name))
			cmd.Dir = root
			out, err := cmd.CombinedOutput()
			if err == nil {
				t.Fatal("nothing is found in the bad package")
			}
			_, shown, _ := strings.Cut(string(page), "\n$ go vet -vettool=bin/harmony-vet "+bad(rule.Name)+"\n")
			shown, _, _ = strings.Cut(shown, "\n```\n")
			if diff := cmp.Diff(strings.TrimSpace(string(out)), shown); diff != "" {
				t.Errorf("docs/rules/%s.md (-said +shown)\n%s", rule.Name, diff)
			}
		})
	}
}
