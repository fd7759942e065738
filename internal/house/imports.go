// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package house

import (
	"fmt"
	"go/parser"
	"go/token"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/modfile"
)

// Packages gives what each directory of Go files imports, relative to the root, without test data. Tests are
// counted in where tests is true.
func (t Tree) Packages(tests bool) (map[string][]string, error) {
	files, err := t.files(func(name string) bool {
		return strings.HasSuffix(name, ".go") && (tests || !strings.HasSuffix(name, "_test.go"))
	})
	if err != nil {
		return nil, err
	}
	all := map[string][]string{}
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join(t.Root, file), nil, parser.ImportsOnly)
		if err != nil {
			return nil, fmt.Errorf("read the imports of a file: %w", err)
		}
		dir := path.Dir(file)
		if all[dir] == nil {
			all[dir] = []string{} // a package is one, whatever it imports
		}
		for _, i := range parsed.Imports {
			if p, err := strconv.Unquote(i.Path.Value); err == nil && !slices.Contains(all[dir], p) {
				all[dir] = append(all[dir], p)
			}
		}
	}
	return all, nil
}

// A Module is one of Harmony's modules.
type Module struct {
	Path   string
	Direct []string // modules that its code imports, tests included, or that have its tools, sorted
}

// Modules gives Harmony's modules and what they import.
func (t Tree) Modules() (all []Module, err error) {
	mods, err := t.GoMods()
	if err != nil {
		return nil, err
	}
	packages, err := t.Packages(true)
	if err != nil {
		return nil, err
	}
	for _, file := range mods {
		if within(file, examples) {
			continue // someone else's
		}
		mod, err := t.mod(file)
		if err != nil {
			return nil, err
		}
		direct := map[string]bool{}
		for _, tool := range mod.Tool {
			direct[provider(mod, tool.Path)] = true
		}
		for dir, imports := range packages {
			if home(dir, mods) != path.Dir(file) {
				continue
			}
			for _, p := range imports {
				if required := provider(mod, p); required != "" {
					direct[required] = true
				}
			}
		}
		all = append(all, Module{mod.Module.Mod.Path, slices.Sorted(maps.Keys(direct))})
	}
	return all, nil
}

// home is the directory of the module that dir is part of.
func home(dir string, mods []string) string {
	best := "."
	for _, file := range mods {
		if root := path.Dir(file); within(dir, root) && len(root) > len(best) {
			best = root
		}
	}
	return best
}

// provider is the required module that has the package; empty when none has.
func provider(mod *modfile.File, pkg string) (found string) {
	for _, r := range mod.Require {
		if within(pkg, r.Mod.Path) && len(r.Mod.Path) > len(found) {
			found = r.Mod.Path
		}
	}
	return found
}

func within(name, prefix string) bool { return name == prefix || strings.HasPrefix(name, prefix+"/") }
