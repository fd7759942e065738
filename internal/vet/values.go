// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package vet

import (
	"go/ast"
	"go/token"
	"go/types"
)

// A value is what a variable or a field is given somewhere in the package.
type value struct {
	expr   ast.Expr   // nil where it only counts up or down
	result int        // which result of expr, a call with several; -1 for the whole
	at     ast.Node   // the statement
	within []ast.Node // branches, loops and functions around it, outermost first
}

// values are all that variables and fields of a package are given, and whose address is taken.
type values struct {
	given     map[types.Object][]value
	addressed map[types.Object]bool
}

const whole = -1

func valuesOf(info *types.Info, files []*ast.File) values {
	v := values{map[types.Object][]value{}, map[types.Object]bool{}}
	for _, file := range files {
		ast.PreorderStack(file, nil, func(n ast.Node, stack []ast.Node) bool {
			v.note(info, n, stack)
			return true
		})
	}
	return v
}

func (v values) note(info *types.Info, n ast.Node, stack []ast.Node) {
	give := func(to, from ast.Expr, result int) {
		if o := objectOf(info, to); o != nil {
			v.given[o] = append(v.given[o], value{from, result, n, branches(stack)})
		}
	}
	giveAll := func(to, from []ast.Expr) {
		for i := range to {
			switch {
			case len(from) == len(to):
				give(to[i], from[i], whole)
			case len(from) == 1:
				give(to[i], from[0], i)
			}
		}
	}
	switch n := n.(type) {
	case *ast.AssignStmt:
		giveAll(n.Lhs, n.Rhs)
	case *ast.ValueSpec:
		var names []ast.Expr
		for _, name := range n.Names {
			names = append(names, name)
		}
		giveAll(names, n.Values)
	case *ast.IncDecStmt:
		give(n.X, nil, whole)
	case *ast.RangeStmt:
		// Elements are no call's results, but as little the whole.
		give(n.Key, n.X, 0)
		give(n.Value, n.X, 1)
	case *ast.KeyValueExpr:
		if key, ok := n.Key.(*ast.Ident); ok {
			if field, ok := info.Uses[key].(*types.Var); ok && field.IsField() {
				give(key, n.Value, whole)
			}
		}
	case *ast.UnaryExpr:
		if n.Op == token.AND {
			v.addressed[rootOf(info, n.X)] = true
		}
	case *ast.SelectorExpr:
		// A method with a pointer receiver may change what it is called on.
		if s := info.Selections[n]; s != nil && s.Kind() == types.MethodVal {
			_, pointer := s.Obj().(*types.Func).Signature().Recv().Type().Underlying().(*types.Pointer)
			if _, already := info.TypeOf(n.X).Underlying().(*types.Pointer); pointer && !already {
				v.addressed[rootOf(info, n.X)] = true
			}
		}
	}
}

// branches keeps of a stack what says how a statement comes to be run.
func branches(stack []ast.Node) (all []ast.Node) {
	for _, n := range stack {
		switch n.(type) {
		case *ast.IfStmt, *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.ForStmt, *ast.RangeStmt, *ast.FuncLit:
			all = append(all, n)
		}
	}
	return all
}

// objectOf is what an expression names: a variable, a field, a function; nil when it is more than a name.
func objectOf(info *types.Info, e ast.Expr) types.Object {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return info.ObjectOf(e)
	case *ast.SelectorExpr:
		return info.ObjectOf(e.Sel)
	case *ast.IndexExpr:
		if f, ok := objectOf(info, e.X).(*types.Func); ok { // an instance of a generic function
			return f
		}
	case *ast.IndexListExpr:
		return objectOf(info, e.X)
	}
	return nil
}

// rootOf is the variable whose field, element or target an expression is.
func rootOf(info *types.Info, e ast.Expr) types.Object {
	for {
		switch x := ast.Unparen(e).(type) {
		case *ast.SelectorExpr:
			if info.Selections[x] == nil {
				return info.ObjectOf(x.Sel) // of another package
			}
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.SliceExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.Ident:
			return info.ObjectOf(x)
		default:
			return nil
		}
	}
}
