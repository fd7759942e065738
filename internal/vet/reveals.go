// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package vet

import (
	"go/ast"
	"go/token"
	"go/types"
)

// A mark says that something has the text of a secret in it, and where that was revealed.
type mark struct {
	own  token.Pos // by this function, or what it calls
	lent token.Pos // by whoever calls it: it came with a parameter
}

func (m mark) there() bool { return m.own.IsValid() || m.lent.IsValid() }

func (m mark) from() token.Pos {
	if m.own.IsValid() {
		return m.own
	}
	return m.lent
}

func (m mark) or(n mark) mark {
	if !m.own.IsValid() {
		m.own = n.own
	}
	if !m.lent.IsValid() {
		m.lent = n.lent
	}
	return m
}

// A place is where text can be: a variable, a field of a type of this package in whatever variable, or a field of
// another package's type in one variable.
type place struct{ in, field types.Object }

// reveals follows the text of secrets through a package: by assignments, fields, parameters and results.
type reveals struct {
	*checker
	files []*ast.File
	marks map[place]mark
	held  map[types.Type]string // what types hold, by the marks that there are
	more  bool                  // something was marked in this round
}

func revealsOf(c *checker) *reveals {
	r := &reveals{checker: c, marks: map[place]mark{}, held: map[types.Type]string{}, more: true}
	for _, file := range c.Files {
		if !isTest(c.Pass, file) {
			r.files = append(r.files, file)
		}
	}
	for r.more { // until nothing new is marked
		r.more = false
		for _, file := range r.files {
			ast.PreorderStack(file, nil, func(n ast.Node, stack []ast.Node) bool {
				r.step(n, stack)
				return true
			})
		}
	}
	return r
}

func (r *reveals) put(at place, m mark) {
	if now := r.marks[at].or(m); m.there() && now != r.marks[at] {
		r.marks[at], r.more = now, true
		if at.field != nil {
			clear(r.held)
		}
	}
}

func (r *reveals) step(n ast.Node, stack []ast.Node) {
	switch n := n.(type) {
	case *ast.AssignStmt:
		r.assignAll(n.Lhs, n.Rhs)
	case *ast.ValueSpec:
		var names []ast.Expr
		for _, name := range n.Names {
			names = append(names, name)
		}
		r.assignAll(names, n.Values)
	case *ast.RangeStmt:
		for _, to := range []ast.Expr{n.Key, n.Value} {
			if to != nil && carriesText(r.TypesInfo.TypeOf(to)) {
				r.assign(to, r.text(n.X))
			}
		}
	case *ast.SendStmt:
		r.assign(n.Chan, r.text(n.Value))
	case *ast.ReturnStmt:
		r.returns(n, stack)
	case *ast.CallExpr:
		r.pass(n)
	case *ast.CompositeLit:
		r.fill(n)
	}
}

func (r *reveals) assignAll(to, from []ast.Expr) {
	for i := range to {
		switch {
		case len(from) == len(to):
			r.assign(to[i], r.text(from[i]))
		case len(from) == 1:
			r.assign(to[i], r.result(from[0], i))
		}
	}
}

func (r *reveals) assign(to ast.Expr, m mark) {
	if !m.there() {
		return
	}
	switch to := ast.Unparen(to).(type) {
	case *ast.Ident:
		if o := r.TypesInfo.ObjectOf(to); o != nil {
			r.put(place{in: o}, m)
		}
	case *ast.SelectorExpr:
		r.put(r.placeOf(to), m)
		if root := rootOf(r.TypesInfo, to); root != nil && r.placeOf(to).in != nil {
			r.put(place{in: root}, m)
		}
	case *ast.IndexExpr:
		r.assign(to.X, m)
	case *ast.StarExpr:
		r.assign(to.X, m)
	}
}

// placeOf is the place that a selector names.
func (r *reveals) placeOf(e *ast.SelectorExpr) place {
	field, ok := r.TypesInfo.ObjectOf(e.Sel).(*types.Var)
	switch {
	case !ok || !field.IsField():
		return place{in: r.TypesInfo.ObjectOf(e.Sel)}
	case field.Pkg() == r.Pkg:
		return place{field: field.Origin()}
	}
	return place{rootOf(r.TypesInfo, e.X), field.Origin()}
}

// fill marks the fields that a literal of a type of this package gives text to.
func (r *reveals) fill(literal *ast.CompositeLit) {
	s, ok := pointed(r.TypesInfo.TypeOf(literal)).Underlying().(*types.Struct)
	if !ok {
		return
	}
	for i, e := range literal.Elts {
		pair, keyed := e.(*ast.KeyValueExpr)
		var field types.Object
		switch {
		case !keyed:
			field = s.Field(i)
		default:
			field, e = r.TypesInfo.ObjectOf(pair.Key.(*ast.Ident)), pair.Value
		}
		if v, ok := field.(*types.Var); ok && v.Pkg() == r.Pkg {
			r.put(place{field: v.Origin()}, r.text(e))
		}
	}
}

// returns marks the results of a function by what it reveals itself; what it was given goes back to who gave it.
func (r *reveals) returns(s *ast.ReturnStmt, stack []ast.Node) {
	f, ok := declared(r.TypesInfo, stack)
	if !ok || len(s.Results) != f.Results().Len() {
		return
	}
	for i, e := range s.Results {
		if at := f.Results().At(i); carriesText(at.Type()) {
			r.put(place{in: at}, r.text(e))
		}
	}
}

// declared is the signature of the declared function that a statement belongs to; none within a literal.
func declared(info *types.Info, stack []ast.Node) (*types.Signature, bool) {
	for i := len(stack) - 1; i >= 0; i-- {
		switch n := stack[i].(type) {
		case *ast.FuncLit:
			return nil, false
		case *ast.FuncDecl:
			f, ok := info.Defs[n.Name].(*types.Func)
			if !ok {
				return nil, false
			}
			return f.Signature(), true
		}
	}
	return nil, false
}

// pass marks parameters of functions of this package, and buffers that are written to.
func (r *reveals) pass(call *ast.CallExpr) {
	if r.isBuiltin(call, "copy") {
		r.assign(call.Args[0], r.text(call.Args[1]))
	}
	for i, arg := range call.Args {
		m := r.text(arg)
		t := r.TypesInfo.TypeOf(arg)
		secret := r.holds(t) != ""
		if !m.there() && !secret {
			continue
		}
		for _, f := range r.signatures(call) {
			p := parameter(f, i)
			if p == nil {
				continue
			}
			_, open := element(p.Type()).Underlying().(*types.Interface)
			if m.there() {
				r.put(place{in: p}, mark{lent: m.from()})
			} else if open {
				r.put(place{in: p}, mark{lent: arg.Pos()})
			}
		}
		if s, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok && isBuffer(r.TypesInfo.TypeOf(s.X)) {
			r.assign(s.X, m)
		}
	}
}

func isBuffer(t types.Type) bool {
	return t != nil && (isNamed(pointed(t), "strings", "Builder") || isNamed(pointed(t), "bytes", "Buffer"))
}

// signatures are those of the functions of this package that a call may be of, literals too.
func (r *reveals) signatures(call *ast.CallExpr) (all []*types.Signature) {
	for _, f := range r.functions(call.Fun) {
		if f.Pkg() == r.Pkg {
			all = append(all, f.Signature())
		}
	}
	literals := []ast.Expr{call.Fun}
	if o := objectOf(r.TypesInfo, call.Fun); o != nil {
		for _, v := range r.values().given[o] {
			literals = append(literals, v.expr)
		}
	}
	for _, e := range literals {
		if e == nil {
			continue
		}
		if literal, ok := ast.Unparen(e).(*ast.FuncLit); ok {
			if s, ok := r.TypesInfo.TypeOf(literal).(*types.Signature); ok {
				all = append(all, s)
			}
		}
	}
	return all
}

// parameter is the one that takes the argument of that number.
func parameter(f *types.Signature, i int) *types.Var {
	last := f.Params().Len() - 1
	if i > last && !f.Variadic() {
		return nil
	}
	if last < 0 {
		return nil
	}
	return f.Params().At(min(i, last))
}

// element is what a list is a list of, and any other type itself.
func element(t types.Type) types.Type {
	if s, ok := t.Underlying().(*types.Slice); ok {
		return s.Elem()
	}
	return t
}
