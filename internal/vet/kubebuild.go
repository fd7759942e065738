// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package vet

import (
	"go/ast"
	"go/token"
	"go/types"
)

// builtObjects reports objects that are built: literals, new, conversions, and variables that are filled in from
// nothing. Where their package is imported against the rule, that is reported alone.
func (c *checker) builtObjects(file *ast.File, home bool) {
	ours := func(t types.Type) bool { return t != nil && isObject(t) && (home || !imports(file, t)) }
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CompositeLit:
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
	for v, at := range c.filled(file) {
		if t := v.Type(); ours(t) {
			c.built(at, t)
		}
	}
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

// filled gives the variables that are declared empty and then written to field by field, with the first such place. One
// that is read into first, by its address or an assignment, is not built but looked at.
func (c *checker) filled(file *ast.File) map[*types.Var]ast.Node {
	empty := c.empty(file)
	found, read := map[*types.Var]ast.Node{}, map[*types.Var]token.Pos{}
	note := func(e ast.Expr) {
		v, direct := c.root(e)
		if v == nil || !empty[v] || read[v].IsValid() {
			return
		}
		if direct {
			read[v] = e.Pos()
		} else if found[v] == nil {
			found[v] = e
		}
	}
	// In the order of the text, which is that of what happens, nearly always.
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for _, e := range n.Lhs {
				note(e)
			}
		case *ast.UnaryExpr:
			if v, direct := c.root(n.X); n.Op == token.AND && direct && v != nil && !read[v].IsValid() {
				read[v] = n.Pos()
			}
		}
		return true
	})
	return found
}

// root is the variable that an expression of fields and elements begins at, and whether it is nothing but that.
func (c *checker) root(e ast.Expr) (v *types.Var, direct bool) {
	direct = true
	for {
		switch x := ast.Unparen(e).(type) {
		case *ast.SelectorExpr:
			e, direct = x.X, false
		case *ast.IndexExpr:
			e, direct = x.X, false
		case *ast.Ident:
			v, _ = c.TypesInfo.ObjectOf(x).(*types.Var)
			return v, direct
		default:
			return nil, false
		}
	}
}

// empty gives the variables that are declared without a value: by var, or as named results.
func (c *checker) empty(file *ast.File) map[*types.Var]bool {
	all := map[*types.Var]bool{}
	add := func(names []*ast.Ident) {
		for _, id := range names {
			if v, ok := c.TypesInfo.Defs[id].(*types.Var); ok {
				all[v] = true
			}
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ValueSpec:
			if n.Values == nil {
				add(n.Names)
			}
		case *ast.FuncType:
			if n.Results != nil {
				for _, f := range n.Results.List {
					add(f.Names)
				}
			}
		}
		return true
	})
	return all
}
