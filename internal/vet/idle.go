// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package vet

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// idle tells of an expression that no look can change: constants, variables that the loop does not set, counters of
// its rounds, and the time.
func (l *loop) idle(e ast.Expr) bool {
	e = ast.Unparen(e)
	if known := l.TypesInfo.Types[e]; known.Value != nil || known.IsNil() {
		return true
	}
	switch e := e.(type) {
	case *ast.Ident:
		return l.idleName(e)
	case *ast.SelectorExpr:
		_, isStruct := l.TypesInfo.TypeOf(e.X).Underlying().(*types.Struct)
		return isStruct && l.TypesInfo.Selections[e] != nil && l.TypesInfo.Selections[e].Kind() == types.FieldVal && l.idle(e.X)
	case *ast.UnaryExpr:
		return e.Op != token.ARROW && e.Op != token.AND && l.idle(e.X)
	case *ast.BinaryExpr:
		return l.idle(e.X) && l.idle(e.Y)
	case *ast.CallExpr:
		return l.idleCall(e)
	}
	return false
}

// idleCall takes conversions, len and min and the like, and the arithmetic of time.
func (l *loop) idleCall(call *ast.CallExpr) bool {
	if slices.ContainsFunc(call.Args, func(a ast.Expr) bool { return !l.idle(a) }) {
		return false
	}
	fun := l.TypesInfo.Types[call.Fun]
	if fun.IsType() || fun.IsBuiltin() {
		return true
	}
	f, ok := objectOf(l.TypesInfo, call.Fun).(*types.Func)
	if !ok || pathOf(f.Pkg()) != "time" {
		return false
	}
	s, isMethod := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if f.Signature().Recv() == nil {
		return set{"time": {"Now", "Since", "Until"}}.has(f)
	}
	t := f.Signature().Recv().Type()
	return isMethod && (isNamed(t, "time", "Time") || isNamed(t, "time", "Duration")) && l.idle(s.X)
}

func (l *loop) idleName(name *ast.Ident) bool {
	v, ok := l.TypesInfo.ObjectOf(name).(*types.Var)
	if !ok || v.Pkg() != nil && v.Parent() == v.Pkg().Scope() || l.values().addressed[v] {
		return false
	}
	if slices.Contains(l.trail, types.Object(v)) {
		return true // i = i + 1
	}
	l.trail = append(l.trail, v)
	defer func() { l.trail = l.trail[:len(l.trail)-1] }()
	return !slices.ContainsFunc(l.values().given[v], func(g value) bool { return l.changes(g) })
}

// changes tells of a setting of a variable that may carry something that was looked at.
func (l *loop) changes(g value) bool {
	if !within(l.node, g.at) {
		// A function that runs meanwhile may set it, unless it is the one that the loop stands in.
		return slices.ContainsFunc(g.within, func(n ast.Node) bool {
			_, isFunc := n.(*ast.FuncLit)
			return isFunc && !within(n, l.node)
		})
	}
	sometimes := slices.ContainsFunc(g.within, func(n ast.Node) bool { return n != l.node && within(l.node, n) })
	return sometimes || g.expr != nil && (g.result != whole || !l.idle(g.expr))
}
