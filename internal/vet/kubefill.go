// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package vet

import (
	"go/ast"
	"go/token"
	"go/types"
)

// filled gives the variables that are declared empty and then written to field by field, with the first such place. One
// that is read into first, by its address or an assignment, is not built but looked at.
func (c *checker) filled(file *ast.File) map[*types.Var]ast.Expr {
	empty := c.empty(file)
	found, read := map[*types.Var]ast.Expr{}, map[*types.Var]token.Pos{}
	note := func(e ast.Expr) {
		v, direct := c.root(e)
		if v == nil || !empty[v] || read[v].IsValid() || !direct && c.objectIn(e) == nil {
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
			if n.Tok == token.DEFINE {
				return true
			}
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

// empty gives the variables that are declared without a value: by var, as named results, or with an empty literal.
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
		case *ast.AssignStmt:
			for i, e := range n.Lhs {
				if id, ok := e.(*ast.Ident); ok && len(n.Lhs) == len(n.Rhs) && c.holdsNothing(n.Rhs[i]) {
					add([]*ast.Ident{id})
				}
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

// holdsNothing tells an empty literal that is not reported as an object itself.
func (c *checker) holdsNothing(e ast.Expr) bool {
	literal := emptyLiteral(e)
	return literal != nil && !isObject(pointed(c.TypesInfo.TypeOf(literal)))
}

// objectIn is the type of the outermost object that an expression of fields and elements goes through; nil when it is none.
func (c *checker) objectIn(e ast.Expr) (object types.Type) {
	for {
		switch x := ast.Unparen(e).(type) {
		case *ast.SelectorExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		default:
			return object
		}
		if t := pointed(c.TypesInfo.TypeOf(e)); t != nil && isObject(t) {
			object = t
		}
	}
}
