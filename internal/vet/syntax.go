// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package vet

import (
	"go/ast"
	"go/types"
	"slices"
)

// called is the name of the function that is called.
func called(call *ast.CallExpr) *ast.Ident {
	switch f := ast.Unparen(call.Fun).(type) {
	case *ast.Ident:
		return f
	case *ast.SelectorExpr:
		return f.Sel
	}
	return nil
}

func (c *checker) isBuiltin(call *ast.CallExpr, name string) bool {
	id := called(call)
	return id != nil && c.TypesInfo.Uses[id] == types.Universe.Lookup(name)
}

// isFunc tells whether a name is one of those of a package.
func (c *checker) isFunc(id *ast.Ident, path string, names []string) bool {
	o := c.TypesInfo.Uses[id]
	return o != nil && pathOf(o.Pkg()) == path && slices.Contains(names, o.Name())
}

// mentions tells whether a node has one like that in it.
func mentions(in ast.Node, what func(ast.Node) bool) (found bool) {
	ast.Inspect(in, func(n ast.Node) bool {
		found = found || n != nil && what(n)
		return !found
	})
	return found
}

// pointed is what a pointer points to, and any other type itself.
func pointed(t types.Type) types.Type {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		return p.Elem()
	}
	return t
}

func packageOf(o types.Object) *types.Package {
	if o == nil {
		return nil
	}
	return o.Pkg()
}
