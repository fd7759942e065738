// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package house

import (
	"fmt"
	"go/ast"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// unprovoked lists the codes that no test compares an error with.
func (t Tree) unprovoked() (found []string, err error) {
	codes, err := t.codes()
	if err != nil {
		return nil, err
	}
	compared, err := t.compared()
	if err != nil {
		return nil, err
	}
	told, err := t.told()
	if err != nil {
		return nil, err
	}
	for _, c := range codes {
		if !compared[c.name] && !told[c.value] {
			found = append(found, fmt.Sprintf("%s (diag.%s) is provoked by no test", c.value, c.name))
		}
	}
	return found, nil
}

// compared are the names of the codes that tests mention as diag.NAME: in a comparison, that is, and not to make
// an error of that code themselves. The tests of diag and of this package do not count, for they provoke nothing.
func (t Tree) compared() (map[string]bool, error) {
	sources, err := t.sources()
	if err != nil {
		return nil, err
	}
	names := map[string]bool{}
	for _, s := range sources {
		if !s.isTest() || within(s.name, "diag") || within(s.name, "internal/house") {
			continue
		}
		made := map[ast.Expr]bool{}
		ast.Inspect(s.syntax, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				if isDiag(n.Fun) == "New" && len(n.Args) > 0 {
					made[n.Args[0]] = true
				}
			case *ast.SelectorExpr:
				if name := isDiag(n); name != "" && !made[n] {
					names[name] = true
				}
			}
			return true
		})
	}
	return names, nil
}

// isDiag is NAME of diag.NAME; empty for anything else.
func isDiag(e ast.Expr) string {
	s, ok := e.(*ast.SelectorExpr)
	if !ok || !isName(s.X, "diag") {
		return ""
	}
	return s.Sel.Name
}

// shownCode is an error as a story quotes it, plain or in a regular expression.
var shownCode = regexp.MustCompile(`error\\?\[(HRM\d{4})\\?\]`)

// told are the codes of errors that programs say in the stories of testscript.
func (t Tree) told() (map[string]bool, error) {
	codes := map[string]bool{}
	err := filepath.WalkDir(t.Root, func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(name, ".txtar") || strings.Contains(filepath.ToSlash(name), "internal/house/") {
			return err
		}
		text, err := os.ReadFile(name)
		for _, m := range shownCode.FindAllSubmatch(text, -1) {
			codes[string(m[1])] = true
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the stories: %w", err)
	}
	return codes, nil
}
