// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package house

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// A Tree is a checkout of Harmony.
type Tree struct{ Root string }

// Markdown lists the Markdown files, relative to the root.
func (t Tree) Markdown() ([]string, error) {
	return t.files(func(name string) bool { return strings.HasSuffix(name, ".md") })
}

// GoMods lists the go.mod files, relative to the root.
func (t Tree) GoMods() ([]string, error) {
	return t.files(func(name string) bool { return filepath.Base(name) == "go.mod" })
}

// files lists what is wanted, without what is built, test data, and hidden directories.
func (t Tree) files(want func(string) bool) (found []string, err error) {
	err = filepath.WalkDir(t.Root, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := e.Name()
		if e.IsDir() && path != t.Root && (strings.HasPrefix(name, ".") && name != ".ci" || name == "bin" || name == "testdata") {
			return fs.SkipDir
		}
		if relative, err := filepath.Rel(t.Root, path); err == nil && !e.IsDir() && want(relative) {
			found = append(found, filepath.ToSlash(relative))
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list the files of the checkout: %w", err)
	}
	return found, nil
}

// Read gives the text of a file.
func (t Tree) Read(name string) (string, error) {
	text, err := os.ReadFile(t.path(name))
	if err != nil {
		return "", fmt.Errorf("read a file of the checkout: %w", err)
	}
	return string(text), nil
}

// path is where a file or directory of the checkout is.
func (t Tree) path(name string) string { return filepath.Join(t.Root, filepath.FromSlash(name)) }
