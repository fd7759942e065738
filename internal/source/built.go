// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package source

import (
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
)

// own is the module that the program is of; empty when the build info does not tell.
func (s Search) own() string {
	if s.Build == nil {
		return ""
	}
	return s.Build.Main.Path
}

// built is what the program was built with of a module; nil when it was built without it.
func (s Search) built(path string) *debug.Module {
	if s.Build == nil {
		return nil
	}
	if path == s.own() {
		return &s.Build.Main
	}
	for _, m := range s.Build.Deps {
		if m.Path == path {
			return m
		}
	}
	return s.required(path) // the build info of a test lists no modules
}

// required is what the go.mod of the program's own checkout says of a module; nil when it has none or says nothing.
func (s Search) required(path string) *debug.Module {
	dir, ok := s.above(s.own())
	if !ok {
		return nil
	}
	mod, err := readMod(dir) // one that cannot be read says nothing
	if err != nil {
		return nil
	}
	for _, r := range mod.Require {
		if r.Mod.Path != path {
			continue
		}
		m := &debug.Module{Path: path, Version: r.Mod.Version}
		if to, ok := replaced(mod, path, r.Mod.Version); ok {
			m.Replace = &debug.Module{Path: to.Path, Version: to.Version}
		}
		return m
	}
	return nil
}

// replacement is the directory that the program was built with in place of a module. The go command resolves a
// relative one against the main module, which is wherever the program's own checkout is.
func (s Search) replacement(module string) (dir string, ok bool) {
	m := s.built(module)
	if m == nil || m.Replace == nil || !modfile.IsDirectoryPath(m.Replace.Path) {
		return "", false
	}
	if filepath.IsAbs(m.Replace.Path) {
		return m.Replace.Path, true
	}
	main, ok := s.above(s.own())
	return filepath.Join(main, filepath.FromSlash(m.Replace.Path)), ok
}

// version is the version of a module that can be fetched again; empty when there is none.
func (s Search) version(module string) string {
	m := s.built(module)
	if m == nil || m.Replace != nil || !fetchable(m.Version) {
		return ""
	}
	return m.Version
}

// Release is the released version of a module that the program was built from; empty for any other build.
func (s Search) Release(module string) string {
	if v := s.version(module); released(v) {
		return v
	}
	return ""
}

func readMod(dir string) (*modfile.File, error) {
	name := filepath.Join(dir, "go.mod")
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return modfile.Parse(name, text, nil)
}

// replaced is what a go.mod has in place of a version of a module.
func replaced(mod *modfile.File, path, version string) (to module.Version, ok bool) {
	for _, r := range mod.Replace {
		if r.Old.Path == path && (r.Old.Version == version || r.Old.Version == "" && !ok) {
			to, ok = r.New, true
		}
	}
	return to, ok
}

// within tells whether a package, or a module, has the path of a module or one below it.
func within(path, module string) bool { return path == module || strings.HasPrefix(path, module+"/") }
