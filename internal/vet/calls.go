// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package vet

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"
)

// functions are those that an expression may stand for: itself, or what a variable of the package was given.
func (c *checker) functions(e ast.Expr) []*types.Func {
	return c.functionsPast(e, map[types.Object]bool{})
}

func (c *checker) functionsPast(e ast.Expr, seen map[types.Object]bool) (all []*types.Func) {
	switch o := objectOf(c.TypesInfo, e).(type) {
	case *types.Func:
		return []*types.Func{o.Origin()}
	case *types.Var:
		if seen[o] {
			return nil
		}
		seen[o] = true
		for _, v := range c.values().given[o] {
			if v.expr != nil && v.result == whole {
				all = append(all, c.functionsPast(v.expr, seen)...)
			}
		}
	}
	return all
}

// calls tells whether an expression is a call that may be one of these.
func (c *checker) calls(e ast.Expr, is func(*types.Func) bool) bool {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	return ok && slices.ContainsFunc(c.functions(call.Fun), is)
}

// A set of functions: import paths, and the names in each. A name that ends in "*" stands for all that begin so.
type set map[string][]string

func (s set) has(f *types.Func) bool {
	return f != nil && slices.ContainsFunc(s[pathOf(f.Pkg())], func(name string) bool {
		if prefix, ok := strings.CutSuffix(name, "*"); ok {
			return strings.HasPrefix(f.Name(), prefix)
		}
		return name == f.Name()
	})
}

// isError tells whether a type is error or implements it.
func isError(t types.Type) bool {
	return t != nil && types.Implements(t, types.Universe.Lookup("error").Type().Underlying().(*types.Interface))
}

// isNil tells whether an expression is the word nil.
func (c *checker) isNil(e ast.Expr) bool { return c.TypesInfo.Types[ast.Unparen(e)].IsNil() }

// named gives the identifier by which an expression names something.
func nameOf(e ast.Expr) *ast.Ident {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return e
	case *ast.SelectorExpr:
		return e.Sel
	}
	return nil
}
