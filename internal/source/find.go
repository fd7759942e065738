// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package source

import (
	"context"
	"os"
	"path/filepath"
	"runtime/debug"

	"golang.org/x/mod/modfile"
)

// The modules that Harmony's sources lie in.
const (
	Harmony   = "nationtech.io/harmony"
	Localkube = Harmony + "/" + localkube
)

// localkube is where Localkube lies in a checkout of Harmony, with which it is released.
const localkube = "localkube"

// A Tree is a directory that holds the sources of a module.
type Tree struct {
	Module string
	Dir    string
	// Version is the module version whose sources these are; such a Tree never
	// changes. Empty for a checkout, which people edit.
	Version string
}

// A Search says where sources may be. Here is the one of the running program.
type Search struct {
	WorkDir    string           // a checkout may be here or above
	Executable string           // or above the program itself
	Build      *debug.BuildInfo // else this tells the version; nil tells nothing
}

// Here is the search from the working directory and the executable of this process.
func Here() Search {
	var s Search
	s.WorkDir, _ = os.Getwd() // a process without one may still have an executable
	if exe, err := os.Executable(); err == nil {
		if s.Executable, err = filepath.EvalSymlinks(exe); err != nil {
			s.Executable = exe
		}
	}
	s.Build, _ = debug.ReadBuildInfo()
	return s
}

// Find gives the sources of a module: the program's own, Harmony's, or any other that the program was built
// with. They are a checkout's, or those of the version that the program was built from, fetched when they
// are not in the module cache. The error is the Diagnostic NoSources.
func (s Search) Find(ctx context.Context, module string) (Tree, error) {
	root := rootOf(module)
	for _, dir := range s.checkouts(root) {
		if module == Localkube {
			dir = filepath.Join(dir, localkube)
		}
		if isModule(dir, module) {
			return Tree{Module: module, Dir: dir}, nil
		}
	}
	if version := s.version(root); version != "" {
		return fetch(ctx, module, version)
	}
	return Tree{}, s.nowhere(root)
}

// rootOf is the module that another is kept and released with.
func rootOf(module string) string {
	if module == Localkube {
		return Harmony
	}
	return module
}

// checkouts lists the checkouts of a module, the likeliest first.
func (s Search) checkouts(module string) (dirs []string) {
	if dir, ok := s.above(module); ok {
		dirs = append(dirs, dir)
	}
	if dir, ok := s.replacement(module); ok {
		dirs = append(dirs, dir)
	}
	return dirs
}

// above finds a checkout at or above the working directory, else at or above the program.
func (s Search) above(module string) (dir string, ok bool) {
	if module == "" {
		return "", false
	}
	for _, start := range []string{s.WorkDir, filepath.Dir(s.Executable)} {
		if dir, ok := above(start, module); ok {
			return dir, true
		}
	}
	return "", false
}

func above(dir, module string) (root string, ok bool) {
	for dir != "" && dir != "." {
		if isModule(dir, module) {
			return dir, true
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			break
		}
		dir = parent
	}
	return "", false
}

func isModule(dir, module string) bool {
	text, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	return err == nil && modfile.ModulePath(text) == module
}
