// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/tools/txtar"
)

// A proofCase is one violation. It is a txtar archive that begins with lines such as
//
//	check: vet ./score/nats
//	want: kubeobjects: k8s.io/api/core/v1 is imported
//
// and goes on with the files of the violation: a plain name is written, "NAME +" is appended to, "NAME -" is deleted.
type proofCase struct {
	name  string
	check []string // the kind of check and its arguments
	want  []string // what the check must say
	files []txtar.File
}

const ending = ".txtar"

func load(dir string) (cases []proofCase, err error) {
	names, err := filepath.Glob(filepath.Join(dir, "*"+ending))
	if err != nil {
		return nil, fmt.Errorf("list the cases: %w", err)
	}
	for _, name := range names {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			return nil, fmt.Errorf("read a case: %w", err)
		}
		c := proofCase{name: strings.TrimSuffix(filepath.Base(name), ending), files: archive.Files}
		for line := range strings.Lines(string(archive.Comment)) {
			key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
			switch key {
			case "check":
				c.check = strings.Fields(value)
			case "want":
				c.want = append(c.want, value)
			}
		}
		if len(c.check) == 0 || len(c.want) == 0 || len(c.files) == 0 {
			return nil, fmt.Errorf("%s needs lines \"check:\" and \"want:\" and a file: %w", name, os.ErrInvalid)
		}
		cases = append(cases, c)
	}
	return cases, nil
}

// inject makes the violation in a copy of the repository and gives what undoes it.
func (c proofCase) inject(root string) (undo func() error, err error) {
	var undos []func() error
	undo = func() error {
		for i := len(undos) - 1; i >= 0; i-- {
			if err := undos[i](); err != nil {
				return fmt.Errorf("undo a violation: %w", err)
			}
		}
		return nil
	}
	for _, f := range c.files {
		name, how, _ := strings.Cut(f.Name, " ")
		path := filepath.Join(root, filepath.FromSlash(name))
		before, err := os.ReadFile(path)
		switch {
		case err == nil && how == "", os.IsNotExist(err) && how != "":
			return undo, fmt.Errorf("inject %q: the file is there already, or is not: %w", f.Name, os.ErrInvalid)
		case err == nil:
			undos = append(undos, func() error { return os.WriteFile(path, before, 0o644) })
		default:
			undos = append(undos, func() error { return removeUpwards(root, path) })
		}
		if err := write(path, how, before, f.Data); err != nil {
			return undo, fmt.Errorf("inject a violation: %w", err)
		}
	}
	return undo, nil
}

func write(path, how string, before, data []byte) error {
	if how == "-" {
		return os.Remove(path)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	if how == "+" {
		data = append(before[:len(before):len(before)], data...)
	}
	return os.WriteFile(path, data, 0o644)
}

// removeUpwards removes a file and the directories above it that are empty then.
func removeUpwards(root, path string) error {
	if err := os.Remove(path); err != nil {
		return err
	}
	for dir := filepath.Dir(path); dir != root && os.Remove(dir) == nil; dir = filepath.Dir(dir) {
	}
	return nil
}
