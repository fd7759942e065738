// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package house

import (
	"fmt"
	"go/ast"
	"strings"
)

const (
	fileLines     = 400
	functionLines = 60
	contributing  = "CONTRIBUTING.md"
	pageLines     = 100
)

// lengths lists the files and functions that are too long.
func (t Tree) lengths() (found []string, err error) {
	sources, err := t.sources()
	if err != nil {
		return nil, err
	}
	for _, s := range sources {
		if ast.IsGenerated(s.syntax) {
			continue // its source is what people read
		}
		if lines := s.line(s.syntax.FileEnd - 1); lines > fileLines {
			found = append(found, fmt.Sprintf("%s: %d lines; %d are allowed", s.name, lines, fileLines))
		}
		for _, d := range s.syntax.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			if lines := s.line(f.End()) - s.line(f.Pos()) + 1; lines > functionLines {
				found = append(found, fmt.Sprintf("%s:%d: %s has %d lines; %d are allowed", s.name, s.line(f.Pos()), f.Name.Name, lines, functionLines))
			}
		}
	}
	return found, nil
}

// onePage tells when the page for contributors is longer than one.
func (t Tree) onePage() ([]string, error) {
	text, err := t.Read(contributing)
	if err != nil {
		return nil, err
	}
	if lines := strings.Count(text, "\n"); lines > pageLines {
		return []string{fmt.Sprintf("%s: %d lines", contributing, lines)}, nil
	}
	return nil, nil
}
