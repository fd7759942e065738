// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package vet

import (
	"go/ast"
	"go/types"
	"slices"
)

// TypedErrors has errors of libraries be told apart.
var TypedErrors = rule("typederrors",
	"report errors without a type: errors.New, and fmt.Errorf without %w, inside a function of a library",
	"who calls a library must be able to tell its errors apart; an error that is only text can be matched by its words alone",
	checkTypedErrors)

// untypedMakers are the functions that make an error of nothing but text; of those in formatted, a %w makes one that wraps.
var (
	untypedMakers = set{
		"errors":                        {"New"},
		"github.com/pkg/errors":         {"New", "Errorf"},
		"github.com/go-errors/errors":   {"New", "Errorf"},
		"github.com/cockroachdb/errors": {"New", "Newf", "Errorf"},
		"golang.org/x/xerrors":          {"New"},
		"github.com/juju/errors":        {"New", "Errorf"},
	}
	formatted = set{"fmt": {"Errorf"}, "golang.org/x/xerrors": {"Errorf"}}
)

const typeIt = "return a diag.Diagnostic, a type of its own or a sentinel; give a cause more words with fmt.Errorf(\"…: %w\", err)"

func checkTypedErrors(c *checker) error {
	if c.Pkg.Name() == "main" {
		return nil
	}
	for _, file := range c.Files {
		if isTest(c.Pass, file) {
			continue
		}
		ast.PreorderStack(file, nil, func(n ast.Node, stack []ast.Node) bool {
			if name, ok := n.(*ast.Ident); ok {
				c.untyped(name, stack)
			}
			return true
		})
	}
	return nil
}

// untyped looks at one mention of a function that makes errors.
func (c *checker) untyped(name *ast.Ident, stack []ast.Node) {
	f, ok := c.TypesInfo.Uses[name].(*types.Func)
	if !ok || !untypedMakers.has(f) && !formatted.has(f) {
		return
	}
	call := callOf(name, stack)
	inside := slices.ContainsFunc(stack, func(n ast.Node) bool {
		switch n.(type) {
		case *ast.FuncDecl, *ast.FuncLit:
			return true
		}
		return false
	})
	full := f.Pkg().Name() + "." + f.Name()
	switch {
	case call == nil:
		c.found(name, full+" is handed on, for a function to make errors without a type with", typeIt)
	case !inside: // a sentinel
	case untypedMakers.has(f):
		c.found(call, full+" makes an error without a type", typeIt)
	case !c.wraps(call):
		c.found(call, full+" without a constant format that has %w makes an error without a type", typeIt)
	}
}

// callOf is the call whose function a name is; nil when the name is used as a value.
func callOf(name *ast.Ident, stack []ast.Node) *ast.CallExpr {
	var at ast.Node = name
	for _, n := range slices.Backward(stack) {
		switch n := n.(type) {
		case *ast.SelectorExpr, *ast.ParenExpr:
			at = n
		case *ast.CallExpr:
			if n.Fun == at {
				return n
			}
			return nil
		default:
			return nil
		}
	}
	return nil
}

// wraps tells whether a call of fmt.Errorf has %w, and something to put there.
func (c *checker) wraps(call *ast.CallExpr) bool {
	format, constant := c.constantText(call.Args[0])
	all, _ := verbs(format)
	return constant && slices.Contains(all, 'w') && !slices.ContainsFunc(call.Args[1:], c.isNil)
}
