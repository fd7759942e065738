// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package examples_test builds and runs the examples as their authors would: outside of this repository, as modules
// that require Harmony.
package examples_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"nationtech.io/harmony/internal/needs"
)

const guestbook = "guestbook"

// abroad copies an example to a place from which no relative path leads to this checkout, and points its replace there.
func abroad(t *testing.T, example string) module {
	t.Helper()
	harmony, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	m := module{dir: t.TempDir()}
	if err := os.CopyFS(m.dir, os.DirFS(example)); err != nil {
		t.Fatal(err)
	}
	m.run(t, "go", "mod", "edit", "-replace", "nationtech.io/harmony="+harmony)
	return m
}

// A module is a copy of an example.
type module struct{ dir string }

// run runs a program in the module and gives what it says.
func (m module) run(t *testing.T, program string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), program, args...) // to clean up, too
	cmd.Dir = m.dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=readonly", needs.NameVariable+"="+needs.Name())
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", filepath.Base(program), strings.Join(args, " "), err, out)
	}
	return string(out)
}

// built gives the path of a program of Harmony that is for the modules of others.
func built(t *testing.T, command string) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), command)
	module{dir: ".."}.run(t, "go", "build", "-o", program, "./cmd/"+command)
	return program
}

func TestTheGuestbookStandsOnItsOwnAndKeepsTheRules(t *testing.T) {
	m := abroad(t, guestbook)
	m.run(t, "go", "build", "./...")
	m.run(t, "go", "vet", "./...")
	m.run(t, "go", "vet", "-vettool="+built(t, "harmony-vet"), "./...")
	m.run(t, built(t, "harmony-house"))
	m.run(t, "go", "mod", "tidy", "-diff")
}
