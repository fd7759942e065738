// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package vet

import (
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/types/typeutil"
)

// mentioned tells whether a function uses one of its parameters at all.
func (p *paths) mentioned(f *types.Func, place *types.Var) bool {
	return p.uses(p.bodies[f].Body, place)
}

// uses tells whether something is done with the place. To throw it away is nothing, nor is to compare it with nil, nor to
// hand it to a function of this package that does not use it.
func (p *paths) uses(n ast.Node, place *types.Var) (found bool) {
	ast.Inspect(n, func(n ast.Node) bool {
		if found || n == nil || p.thrownAway(n, place) {
			return false
		}
		switch n := n.(type) {
		case *ast.Ident:
			found = p.TypesInfo.Uses[n] == place
		case *ast.CallExpr:
			if p.ignored(n, place) {
				return false
			}
		}
		return !found
	})
	return found
}

func (p *paths) thrownAway(n ast.Node, place *types.Var) bool {
	switch n := n.(type) {
	case *ast.AssignStmt:
		for i, e := range n.Lhs {
			id, ok := e.(*ast.Ident)
			if !ok || id.Name != "_" || len(n.Rhs) != len(n.Lhs) || !p.is(accessed(n.Rhs[i]), place) {
				return false
			}
		}
		return true
	case *ast.BinaryExpr:
		compared := n.Op == token.EQL || n.Op == token.NEQ
		return compared && (p.is(n.X, place) && p.isNil(n.Y) || p.is(n.Y, place) && p.isNil(n.X))
	}
	return false
}

// accessed is what an expression asks for its capabilities, without a question to these: on of on.Kubernetes().
func accessed(e ast.Expr) ast.Expr {
	for {
		switch x := ast.Unparen(e).(type) {
		case *ast.CallExpr:
			if len(x.Args) > 0 {
				return x
			}
			e = x.Fun
		case *ast.SelectorExpr:
			e = x.X
		default:
			return x
		}
	}
}

// isNil tells nil, also as error(nil).
func (p *paths) isNil(e ast.Expr) bool {
	e = ast.Unparen(e)
	if call, ok := e.(*ast.CallExpr); ok && len(call.Args) == 1 && p.TypesInfo.Types[call.Fun].IsType() {
		return p.isNil(call.Args[0])
	}
	return p.TypesInfo.Types[e].IsNil()
}

// ignored tells whether a call hands the place to nothing but parameters that its function does not mention.
func (p *paths) ignored(call *ast.CallExpr, place *types.Var) bool {
	callee := typeutil.StaticCallee(p.TypesInfo, call)
	if callee == nil || p.bodies[callee.Origin()] == nil {
		return false
	}
	params, handed := callee.Origin().Signature().Params(), 0
	for i, arg := range call.Args {
		if !p.is(arg, place) {
			continue
		}
		if i >= params.Len() || p.count(p.bodies[callee.Origin()].Body, params.At(i)) > 0 {
			return false
		}
		handed++
	}
	return handed > 0 && p.count(call, place) == handed
}

// saysNil tells whether a return of an error says nil: by that word, or by a variable that is never anything else.
func (p *paths) saysNil(f *types.Func, r *ast.ReturnStmt) bool {
	body := p.bodies[f].Body
	if len(r.Results) == 0 {
		results := f.Signature().Results()
		return results.Len() == 1 && !p.assigned(body, results.At(0))
	}
	e := ast.Unparen(r.Results[len(r.Results)-1])
	if p.isNil(e) {
		return true
	}
	id, ok := e.(*ast.Ident)
	if !ok {
		return false
	}
	v, ok := p.TypesInfo.Uses[id].(*types.Var)
	return ok && v.Parent() != nil && v.Parent() != p.Pkg.Scope() && !isParamOf(f, v) && !p.assigned(body, v)
}

func isParamOf(f *types.Func, v *types.Var) bool {
	for param := range f.Signature().Params().Variables() {
		if param == v {
			return true
		}
	}
	return false
}

// assigned tells whether a variable ever gets a value other than nil, or can get one by its address.
func (p *paths) assigned(in ast.Node, v *types.Var) bool {
	return mentions(in, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for i, e := range n.Lhs {
				id, ok := ast.Unparen(e).(*ast.Ident)
				if ok && p.TypesInfo.ObjectOf(id) == v && (len(n.Lhs) != len(n.Rhs) || !p.isNil(n.Rhs[i])) {
					return true
				}
			}
		case *ast.ValueSpec:
			for i, id := range n.Names {
				if p.TypesInfo.Defs[id] == v && n.Values != nil && (len(n.Values) != len(n.Names) || !p.isNil(n.Values[i])) {
					return true
				}
			}
		case *ast.RangeStmt:
			for _, e := range []ast.Expr{n.Key, n.Value} {
				if id, ok := e.(*ast.Ident); ok && p.TypesInfo.ObjectOf(id) == v {
					return true
				}
			}
		case *ast.UnaryExpr:
			return n.Op == token.AND && p.is(n.X, v)
		}
		return false
	})
}
