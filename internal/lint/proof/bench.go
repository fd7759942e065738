// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// A bench is a copy of the repository and the programs that check it.
type bench struct {
	copied         string
	vet, lint      string // the built tools
	house          string // the tests of internal/house, compiled
	cleanByCommand map[string]string
}

// copyRepository copies what git tracks, or would, to a directory of its own.
func copyRepository(ctx context.Context) (dir string, err error) {
	list, err := exec.CommandContext(ctx, "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard").Output()
	if err != nil {
		return "", fmt.Errorf("list the files of the repository: %w", err)
	}
	dir, err = os.MkdirTemp("", "harmony-proof-")
	if err != nil {
		return "", fmt.Errorf("make a directory for the copy: %w", err)
	}
	for _, name := range strings.Split(strings.TrimSuffix(string(list), "\x00"), "\x00") {
		text, err := os.ReadFile(name)
		if os.IsNotExist(err) {
			continue // tracked and deleted
		}
		if err != nil {
			return dir, fmt.Errorf("copy the repository: %w", err)
		}
		if err := write(filepath.Join(dir, name), "", nil, text); err != nil {
			return dir, fmt.Errorf("copy the repository: %w", err)
		}
	}
	return dir, nil
}

// prepare builds what checks the copy.
func prepare(ctx context.Context, copied string) (*bench, error) {
	b := &bench{copied: copied, cleanByCommand: map[string]string{}}
	tools := filepath.Join(copied, "bin")
	b.vet, b.lint, b.house = filepath.Join(tools, "harmony-vet"), filepath.Join(tools, "golangci-lint"), filepath.Join(tools, "house.test")
	for _, args := range [][]string{
		// As internal/lint builds it: go vet remembers what a tool has said by what the tool is made of.
		{"go", "build", "-trimpath", "-buildvcs=false", "-o", b.vet, "./cmd/harmony-vet"},
		{"go", "build", "-C", "tools", "-o", b.lint, "github.com/golangci/golangci-lint/v2/cmd/golangci-lint"},
		{"go", "test", "-c", "-o", b.house, "./internal/house"},
	} {
		if said, failed := b.run(ctx, ".", args...); failed {
			return nil, fmt.Errorf("%s: %w\n%s", strings.Join(args, " "), errors.ErrUnsupported, said)
		}
	}
	return b, nil
}

// prove injects the violation, checks, and takes it away again; why tells what is wrong, and is empty when it was caught.
func (b *bench) prove(ctx context.Context, c proofCase) (why string) {
	command, dir, err := b.command(c.check)
	if err != nil {
		return err.Error()
	}
	key := strings.Join(command, " ")
	clean, known := b.cleanByCommand[key]
	if !known {
		said, failed := b.run(ctx, dir, command...)
		if failed {
			clean = "without any violation the check fails:\n" + said
		}
		b.cleanByCommand[key] = clean
	}
	if clean != "" {
		return clean
	}
	undo, err := c.inject(b.copied)
	defer func() {
		if err := undo(); err != nil {
			why += "\n" + err.Error()
		}
	}()
	if err != nil {
		return err.Error()
	}
	said, failed := b.run(ctx, dir, command...)
	if !failed {
		return "the check does not catch it"
	}
	for _, want := range c.want {
		if !strings.Contains(said, want) {
			return fmt.Sprintf("%q is not said, but:\n%s", want, said)
		}
	}
	return ""
}

// command is what runs a check, and where.
func (b *bench) command(check []string) (command []string, dir string, err error) {
	kind, args := check[0], check[1:]
	switch kind {
	case "vet":
		return append([]string{"go", "vet", "-vettool=" + b.vet}, args...), ".", nil
	case "golangci":
		return append([]string{b.lint, "run", "--allow-parallel-runners"}, args...), ".", nil
	case "house":
		return []string{b.house, "-test.run=^TestThisRepositoryKeepsTheRule$/^" + strings.Join(args, "$|^") + "$"}, "internal/house", nil
	case "test":
		return append([]string{"go", "test"}, args...), ".", nil
	case "gofmt":
		return []string{"sh", "-c", `bad=$(gofmt -l .); echo "$bad"; test -z "$bad"`}, ".", nil
	}
	return nil, "", fmt.Errorf("there is no check %q: %w", kind, os.ErrInvalid)
}

func (b *bench) run(ctx context.Context, dir string, command ...string) (said string, failed bool) {
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Dir = filepath.Join(b.copied, dir)
	out, err := cmd.CombinedOutput()
	if err != nil {
		out = fmt.Appendf(out, "%v\n", err)
	}
	return string(out), err != nil
}
