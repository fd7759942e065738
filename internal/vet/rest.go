// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package vet

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// pauses tells whether a piece of code, run where it stands, waits for a clock. Loops in skip are left out.
func (c *checker) pauses(within ast.Node, clock func(ast.Expr) bool, skip map[ast.Node]bool) (found bool) {
	ast.Inspect(within, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit, *ast.GoStmt, *ast.DeferStmt:
			return n == within // what runs later does not pause here
		case *ast.ForStmt:
			return !skip[n]
		case *ast.RangeStmt:
			found = found || !skip[n] && clock(n.X)
			return !skip[n]
		case *ast.SelectStmt:
			if !blocks(n) {
				for _, clause := range n.Body.List {
					for _, s := range clause.(*ast.CommClause).Body {
						found = found || c.pauses(s, clock, skip)
					}
				}
				return false
			}
		case *ast.UnaryExpr:
			// One from time.After alone is found as a sleep.
			found = found || n.Op == token.ARROW && clock(n.X)
		case *ast.CallExpr:
			if literal, ok := ast.Unparen(n.Fun).(*ast.FuncLit); ok {
				found = found || c.pauses(literal.Body, clock, skip)
			}
			found = found || c.rests(n)
		}
		return !found
	})
	return found
}

// rests tells whether a call pauses: one of those that are there for it, or of a function of the package that does
// nothing else.
func (c *checker) rests(e ast.Expr) bool {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		return false
	}
	if c.calls(e, resters.has) || c.calls(e, yields.has) || c.naps(objectOf(c.TypesInfo, call.Fun)) {
		return true
	}
	return slices.ContainsFunc(c.functions(call.Fun), func(f *types.Func) bool { return c.naps(f) })
}

var ofTime = set{"time": {"*"}, "context": {"*"}}

func (c *checker) naps(function types.Object) bool {
	body := c.bodiesByName()[function]
	if body == nil {
		return false
	}
	if known, ok := c.naptime[function]; ok {
		return known
	}
	c.naptime[function] = false // while it is looked at
	busy := false
	ast.Inspect(body, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok && !busy {
			fun := c.TypesInfo.Types[call.Fun]
			busy = !fun.IsType() && !fun.IsBuiltin() && !c.calls(call, ofTime.has) && !c.rests(call)
		}
		return !busy
	})
	c.naptime[function] = !busy && c.pauses(body, c.isClock, nil)
	return c.naptime[function]
}

// bodiesByName are those of the functions of the package, and of the literals that its variables are given.
func (c *checker) bodiesByName() map[types.Object]*ast.BlockStmt {
	if c.bodyOf != nil {
		return c.bodyOf
	}
	c.bodyOf, c.naptime = map[types.Object]*ast.BlockStmt{}, map[types.Object]bool{}
	for _, file := range c.Files {
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Body != nil {
				c.bodyOf[c.TypesInfo.Defs[f.Name]] = f.Body
			}
		}
	}
	for object, given := range c.values().given {
		for _, v := range given {
			if v.expr == nil {
				continue
			}
			if literal, ok := ast.Unparen(v.expr).(*ast.FuncLit); ok {
				c.bodyOf[object] = literal.Body
			}
		}
	}
	return c.bodyOf
}
