// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package source

import (
	"fmt"
	"path/filepath"

	"golang.org/x/mod/modfile"
)

// A part is a module whose files a build reads where people edit them.
type part struct {
	module string
	dir    string
	prefix string // of the names that its files have in a Key
}

// parts are the modules of a checkout: its own, and those that its go.mod replaces by directories.
func (t Tree) parts() ([]part, error) {
	all := []part{{module: t.Module, dir: t.Dir}}
	mod, err := readMod(t.Dir)
	if err != nil {
		return all, ignoreMissing(err)
	}
	for _, r := range mod.Replace {
		if !modfile.IsDirectoryPath(r.New.Path) {
			continue
		}
		dir := filepath.FromSlash(r.New.Path)
		if !filepath.IsAbs(dir) {
			dir = filepath.Join(t.Dir, dir)
		}
		all = append(all, part{module: r.Old.Path, dir: dir, prefix: r.Old.Path + "/"})
	}
	return all, nil
}

// partOf is the part that has a package: the one with the longest path.
func partOf(parts []part, pkg string) (best part, ok bool) {
	for _, p := range parts {
		if within(pkg, p.module) && len(p.module) >= len(best.module) {
			best, ok = p, true
		}
	}
	return best, ok
}

// Provides tells whether a package can be of the tree: of its own module or of one that its go.mod requires.
func (t Tree) Provides(pkg string) (bool, error) {
	if within(pkg, t.Module) {
		return true, nil
	}
	mod, err := readMod(t.Dir)
	if err != nil {
		return false, fmt.Errorf("read what %s requires: %w", t.Module, err)
	}
	for _, r := range mod.Require {
		if within(pkg, r.Mod.Path) {
			return true, nil
		}
	}
	return false, nil
}
