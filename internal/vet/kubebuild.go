// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package vet

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// builtObjects reports objects that are built: literals, new, conversions, and variables that are filled in from
// nothing. Where their package is imported against the rule, that is reported alone.
func (c *checker) builtObjects(file *ast.File, home bool) {
	ours := func(t types.Type) bool { return t != nil && isObject(t) && (home || !imports(file, t)) }
	compared := map[ast.Node]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		for _, e := range c.compares(n) {
			compared[e] = true // is seen before what it is made of
		}
		switch n := n.(type) {
		case *ast.CompositeLit:
			if compared[n] {
				return true
			}
			if t := pointed(c.TypesInfo.TypeOf(n)); ours(t) {
				c.built(n, t)
				return false // one finding for an object, not one for each of its fields
			}
		case *ast.CallExpr:
			if t := c.made(n); ours(t) {
				c.built(n, t)
			}
		}
		return true
	})
	for _, at := range c.filled(file) {
		if t := c.objectIn(at); ours(t) {
			c.built(at, t)
		}
	}
}

// compares gives the empty literals that are there only to compare with, or to name their type.
func (c *checker) compares(n ast.Node) (empty []ast.Expr) {
	var operands []ast.Expr
	switch n := n.(type) {
	case *ast.BinaryExpr:
		if n.Op == token.EQL || n.Op == token.NEQ {
			operands = []ast.Expr{n.X, n.Y}
		}
	case *ast.CallExpr:
		f := called(n)
		if f != nil && slices.Contains(comparers, pathOf(packageOf(c.TypesInfo.Uses[f]))) {
			operands = n.Args
		}
	}
	for _, e := range operands {
		if literal := emptyLiteral(e); literal != nil {
			empty = append(empty, literal)
		}
	}
	return empty
}

var comparers = []string{"reflect", "github.com/google/go-cmp/cmp", "github.com/google/go-cmp/cmp/cmpopts"}

// emptyLiteral is a literal without fields, also behind the sign of its address; nil when there is none.
func emptyLiteral(e ast.Expr) *ast.CompositeLit {
	if address, ok := ast.Unparen(e).(*ast.UnaryExpr); ok && address.Op == token.AND {
		e = address.X
	}
	if literal, ok := ast.Unparen(e).(*ast.CompositeLit); ok && len(literal.Elts) == 0 {
		return literal
	}
	return nil
}

// made is the type of which new(T) or T(x) makes a value; nil for other calls.
func (c *checker) made(call *ast.CallExpr) types.Type {
	if len(call.Args) != 1 {
		return nil
	}
	if f := c.TypesInfo.Types[call.Fun]; f.IsType() {
		return f.Type
	}
	if arg := c.TypesInfo.Types[call.Args[0]]; c.isBuiltin(call, "new") && arg.IsType() {
		return arg.Type
	}
	return nil
}
