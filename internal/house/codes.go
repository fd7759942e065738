// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package house

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

const (
	codesFile = "diag/codes.go"
	codePages = "docs/errors"
)

// An errorCode is one of those that the house gives.
type errorCode struct{ name, value, summary string }

// codes reads them from the file that declares them: constants of the type Code, and the map of summaries.
func (t Tree) codes() (all []errorCode, err error) {
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(t.Root, codesFile), nil, parser.SkipObjectResolution)
	if err != nil {
		return nil, fmt.Errorf("read the error codes: %w", err)
	}
	summaries := map[string]string{}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ValueSpec:
			if isName(n.Type, "Code") && len(n.Values) == 1 {
				all = append(all, errorCode{name: n.Names[0].Name, value: literal(n.Values[0])})
			}
		case *ast.KeyValueExpr:
			if key, ok := n.Key.(*ast.Ident); ok {
				summaries[key.Name] = literal(n.Value)
			}
		}
		return true
	})
	for i := range all {
		all[i].summary = summaries[all[i].name]
	}
	slices.SortFunc(all, func(a, b errorCode) int { return cmp.Compare(a.value, b.value) })
	return all, nil
}

func isName(e ast.Expr, name string) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.Name == name
}

// literal is the text of a string literal; empty for anything else.
func literal(e ast.Expr) string {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return ""
	}
	text, err := strconv.Unquote(lit.Value)
	if err != nil {
		return ""
	}
	return text
}

// codePages lists codes without a page, pages without a code, and titles that are not the summary.
func (t Tree) codePages() (found []string, err error) {
	codes, err := t.codes()
	if err != nil {
		return nil, err
	}
	files, err := t.Markdown()
	if err != nil {
		return nil, err
	}
	pages := map[string]bool{}
	for _, file := range files {
		if path.Dir(file) == codePages {
			pages[file] = true
		}
	}
	for _, c := range codes {
		page := codePages + "/" + c.value + ".md"
		if !pages[page] {
			found = append(found, fmt.Sprintf("%s: %s has no page", page, c.name))
			continue
		}
		delete(pages, page)
		text, err := t.Read(page)
		if err != nil {
			return nil, err
		}
		if title, _, _ := strings.Cut(text, "\n"); title != "# "+c.value+": "+c.summary {
			found = append(found, fmt.Sprintf("%s: the title is not the summary %q", page, c.summary))
		}
	}
	for page := range pages {
		found = append(found, page+": there is no such code")
	}
	slices.Sort(found)
	return found, nil
}
