// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package house

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
)

// A source is a Go file that has been parsed.
type source struct {
	name   string // relative to the root
	syntax *ast.File
	set    *token.FileSet
}

func (s source) line(at token.Pos) int { return s.set.Position(at).Line }

func (s source) isTest() bool { return strings.HasSuffix(s.name, "_test.go") }

// sources parses the Go files of every module, test data left out, in the order of their names.
func (t Tree) sources() (all []source, err error) {
	files, err := t.files(func(name string) bool { return strings.HasSuffix(name, ".go") })
	if err != nil {
		return nil, err
	}
	set := token.NewFileSet()
	for _, name := range files {
		syntax, err := parser.ParseFile(set, filepath.Join(t.Root, name), nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, fmt.Errorf("parse a file of the checkout: %w", err)
		}
		all = append(all, source{name, syntax, set})
	}
	return all, nil
}
