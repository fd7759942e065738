// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package vet

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
)

// implemented tells whether the code of a directory, tests left out, has a method that looks like a Score's Interpret. It
// is for tests from outside, which see what the package exports and nothing else.
func implemented(dir string) (bool, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return false, fmt.Errorf("list the files of the package under test: %w", err)
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			return false, fmt.Errorf("read the package under test: %w", err)
		}
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && isInterpret(f) {
				return true, nil
			}
		}
	}
	return false, nil
}

func isInterpret(f *ast.FuncDecl) bool {
	if f.Recv == nil || f.Name.Name != "Interpret" || f.Type.Params.NumFields() != 2 || f.Type.Results.NumFields() != 2 {
		return false
	}
	switch outcome := f.Type.Results.List[0].Type.(type) {
	case *ast.SelectorExpr:
		return outcome.Sel.Name == "Outcome"
	case *ast.Ident: // by a dot import, or a name of its own
		return strings.HasSuffix(outcome.Name, "Outcome")
	}
	return false
}
