// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
)

func ran(t *testing.T, all ...step) (said string, code int) {
	t.Helper()
	var out bytes.Buffer
	r := &report{out: &out}
	for _, s := range all {
		r.take(s, s.run(t.Context(), r.progress))
	}
	code = r.close()
	return out.String(), code
}

func says(name string, exit string) step {
	return step{name: name, dir: ".", command: []string{"sh", "-c", "echo what " + name + " says; exit " + exit}}
}

func TestWhatAStepSaidIsShownOnlyWhenItFailed(t *testing.T) {
	said, code := ran(t, says("good", "0"), says("bad", "3"))
	if code != 1 || !strings.HasSuffix(said, "\n1 passed, 1 failed\n") {
		t.Errorf("it ends with %d and\n%s", code, said)
	}
	if strings.Contains(said, "what good says") || !strings.Contains(said, "what bad says") || !strings.Contains(said, "exit status 3") {
		t.Errorf("got\n%s", said)
	}
}

func TestAListOfFindingsFailsAStepThatEndsWell(t *testing.T) {
	s := says("gofmt", "0")
	s.silent = true
	if said, code := ran(t, s); code != 1 || !strings.Contains(said, "what gofmt says") {
		t.Errorf("it ends with %d and\n%s", code, said)
	}
}

func TestWhatCannotBeCheckedIsNotCountedAsChecked(t *testing.T) {
	s := says("govulncheck", "1")
	s.unable = func(context.Context) string { return "the database is away" }
	said, code := ran(t, says("good", "0"), s)
	if code != 0 || !strings.Contains(said, "NOT CHECKED, the database is away") || !strings.HasSuffix(said, "\n1 passed, 0 failed, 1 skipped\n") {
		t.Errorf("it ends with %d and\n%s", code, said)
	}
}

func TestAToolThatDoesNotBuildFailsItsSteps(t *testing.T) {
	s := says("linter", "0")
	s.tool = &tool{name: "none", dir: ".", pkg: "./absent"}
	if said, code := ran(t, s, s); code != 1 || !strings.HasSuffix(said, "\n0 passed, 2 failed\n") || !strings.Contains(said, "absent") {
		t.Errorf("it ends with %d and\n%s", code, said)
	}
}

func TestANameStandsForWhatIsBelowIt(t *testing.T) {
	all := []step{{name: "vet"}, {name: "vet/localkube"}, {name: "vetted"}, {name: "gofmt"}}
	chosen, err := choose(all, []string{"vet"})
	if err != nil || len(chosen) != 2 || chosen[1].name != "vet/localkube" {
		t.Errorf("got %v, %v", chosen, err)
	}
	if _, err := choose(all, []string{"vet", "absent"}); !errors.Is(err, os.ErrInvalid) {
		t.Errorf("a name that is no step's: %v", err)
	}
}

func TestEveryModuleIsVerifiedAndThoseWithCodeAreLinted(t *testing.T) {
	t.Chdir("../..")
	all, err := steps()
	if err != nil {
		t.Fatal(err)
	}
	has := func(name string) bool { return slices.ContainsFunc(all, func(s step) bool { return s.name == name }) }
	for _, name := range []string{"house", "gofmt", "verify", "verify/tools", "verify/localkube/dns", "golangci-lint", "golangci-lint/localkube", "harmony-vet/localkube"} {
		if !has(name) {
			t.Errorf("there is no step %s", name)
		}
	}
	for _, dir := range unread {
		if !has("verify/"+dir) || has("vet/"+dir) {
			t.Errorf("module %s is left out, and it is not there or its code is read", dir)
		}
	}
}
