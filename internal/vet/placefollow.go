// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package vet

import (
	"go/ast"
	"go/types"
	"slices"

	"golang.org/x/tools/go/types/typeutil"
)

// follow notes where a place goes in one step.
func (f *flow) follow(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.AssignStmt:
		if len(n.Lhs) == len(n.Rhs) {
			for i, e := range n.Rhs {
				f.goes(e, f.variable(n.Lhs[i]))
			}
		}
	case *ast.ValueSpec:
		for i, e := range n.Values {
			if len(n.Values) == len(n.Names) {
				f.goes(e, f.TypesInfo.Defs[n.Names[i]])
			}
		}
	case *ast.CompositeLit:
		f.fields(n)
	case *ast.CallExpr:
		f.arguments(n)
	case *ast.FuncDecl:
		f.results(n)
	}
	return true
}

// goes notes that a variable may have the value of an expression.
func (f *flow) goes(e ast.Expr, to types.Object) {
	if to = origin(to); to != nil && types.IsInterface(to.Type()) && f.isPlace(e) {
		f.holds[to] = true
	}
}

func (f *flow) variable(e ast.Expr) types.Object {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return f.TypesInfo.ObjectOf(e)
	case *ast.SelectorExpr:
		return f.TypesInfo.Uses[e.Sel]
	}
	return nil
}

func (f *flow) fields(literal *ast.CompositeLit) {
	t, ok := pointed(f.TypesInfo.TypeOf(literal)).Underlying().(*types.Struct)
	if !ok {
		return
	}
	for i, e := range literal.Elts {
		if pair, ok := e.(*ast.KeyValueExpr); ok {
			f.goes(pair.Value, f.variable(pair.Key))
		} else {
			f.goes(e, t.Field(i))
		}
	}
}

// arguments follows into functions of the package.
func (f *flow) arguments(call *ast.CallExpr) {
	s := f.callee(call)
	if s == nil {
		return
	}
	for i, arg := range call.Args {
		if last := s.Params().Len() - 1; i < last || i == last && !s.Variadic() {
			f.goes(arg, s.Params().At(i))
		}
	}
}

func (f *flow) callee(call *ast.CallExpr) *types.Signature {
	if literal, ok := ast.Unparen(call.Fun).(*ast.FuncLit); ok {
		s, _ := f.TypesInfo.TypeOf(literal).(*types.Signature)
		return s
	}
	callee := typeutil.StaticCallee(f.TypesInfo, call)
	if callee == nil || callee.Pkg() != f.Pkg {
		return nil
	}
	return callee.Origin().Signature()
}

func (f *flow) results(d *ast.FuncDecl) {
	if d.Body == nil || f.holds[f.TypesInfo.Defs[d.Name]] {
		return
	}
	returns := mentions(d.Body, func(n ast.Node) bool {
		r, ok := n.(*ast.ReturnStmt)
		return ok && len(r.Results) == 1 && types.IsInterface(f.TypesInfo.TypeOf(r.Results[0])) && f.isPlace(r.Results[0])
	})
	if returns {
		f.holds[f.TypesInfo.Defs[d.Name]] = true
	}
}

// assertions reports that a Score asks a place for its type.
func (f *flow) assertions() {
	for _, file := range f.files {
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.TypeAssertExpr:
				if f.isPlace(n.X) {
					f.found(n, "a type assertion on the Score's place", "ask for what it needs in the Score's place, an interface: then the compiler checks it")
				}
			case *ast.CallExpr:
				if id := called(n); id != nil && f.isFunc(id, "reflect", []string{"TypeOf", "ValueOf"}) && slices.ContainsFunc(n.Args, f.isPlace) {
					f.found(n, "reflection on the Score's place", "ask for what it needs in the Score's place, an interface: then the compiler checks it")
				}
			}
			return true
		})
	}
}
