// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package source

import (
	"context"
	"os"
	"path"
	"path/filepath"
	"runtime/debug"
	"strings"

	"golang.org/x/mod/modfile"

	"nationtech.io/harmony/diag"
)

// The modules that Harmony's sources lie in.
const (
	Harmony   = "nationtech.io/harmony"
	Localkube = Harmony + "/localkube"
)

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

// Find gives the sources of one of Harmony's modules: a checkout's, or those of
// the version that the program was built from, fetched when they are not in the module cache.
// The error is the Diagnostic NoSources.
func (s Search) Find(ctx context.Context, module string) (Tree, error) {
	for _, root := range s.checkouts() {
		dir := filepath.Join(root, filepath.FromSlash(strings.TrimPrefix(module, Harmony)))
		if isModule(dir, module) {
			return Tree{Module: module, Dir: dir}, nil
		}
	}
	if version := s.version(); version != "" {
		return fetch(ctx, module, version)
	}
	return Tree{}, diag.New(diag.NoSources, module).
		Saw("no checkout of "+Harmony+" at or above "+s.WorkDir).
		Saw("none at or above "+filepath.Dir(s.Executable)).
		Note("this program does not know a released version of Harmony that it was built from").
		Try("run it inside a checkout of Harmony, or install a released version:", "go install "+path.Join(Harmony, "cmd/harmony-fleet-deploy")+"@latest")
}

// checkouts lists the roots of checkouts of Harmony, the likeliest first.
func (s Search) checkouts() (roots []string) {
	for _, start := range []string{s.WorkDir, filepath.Dir(s.Executable)} {
		if root, ok := above(start); ok {
			roots = append(roots, root)
		}
	}
	if m := s.harmony(); m != nil && m.Replace != nil && m.Replace.Version == "" {
		// The go command resolves a relative replacement against a main module that
		// nobody knows the place of any more, so only an absolute one can be followed.
		if filepath.IsAbs(m.Replace.Path) {
			roots = append(roots, m.Replace.Path)
		}
	}
	return roots
}

// harmony is what the build info says of Harmony's module; nil when it says nothing.
func (s Search) harmony() *debug.Module {
	if s.Build == nil {
		return nil
	}
	if s.Build.Main.Path == Harmony {
		return &s.Build.Main
	}
	for _, m := range s.Build.Deps {
		if m.Path == Harmony {
			return m
		}
	}
	return nil
}

// version is the version of Harmony that can be fetched again; empty when there is none.
func (s Search) version() string {
	m := s.harmony()
	if m == nil || m.Replace != nil || !fetchable(m.Version) {
		return ""
	}
	return m.Version
}

// Release is the released version of Harmony that the program is; empty for any other build.
func (s Search) Release() string {
	if v := s.version(); released(v) {
		return v
	}
	return ""
}

func above(dir string) (root string, ok bool) {
	for dir != "" && dir != "." {
		if isModule(dir, Harmony) {
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
