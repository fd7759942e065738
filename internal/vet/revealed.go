// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package vet

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

var (
	revealers = set{secretPackage: {"Reveal"}}
	// redacting are methods of what has a secret in it that do not give it: names and labels of an object, and a URL
	// without its password.
	redacting = set{"net/url": {"Redacted"}, "k8s.io/apimachinery/pkg/apis/meta/v1": {"Get*"}}
)

// text tells whether an expression has the text of a secret in it.
func (r *reveals) text(e ast.Expr) (m mark) {
	switch e := e.(type) {
	case *ast.ParenExpr:
		return r.text(e.X)
	case *ast.Ident:
		return r.marks[place{in: r.TypesInfo.ObjectOf(e)}]
	case *ast.SelectorExpr:
		return r.selected(e)
	case *ast.IndexExpr:
		return r.text(e.X)
	case *ast.SliceExpr:
		return r.text(e.X)
	case *ast.StarExpr:
		return r.text(e.X)
	case *ast.TypeAssertExpr:
		return r.text(e.X)
	case *ast.UnaryExpr:
		if e.Op == token.AND || e.Op == token.ARROW {
			return r.text(e.X)
		}
	case *ast.BinaryExpr:
		if e.Op == token.ADD {
			return r.text(e.X).or(r.text(e.Y))
		}
	case *ast.CompositeLit:
		return r.listed(e)
	case *ast.FuncLit:
		return r.given(e)
	case *ast.CallExpr:
		return r.result(e, 0)
	}
	return mark{}
}

// selected knows what reveals: the method, called or not, and the data of a Secret.
func (r *reveals) selected(e *ast.SelectorExpr) mark {
	if f, ok := r.TypesInfo.ObjectOf(e.Sel).(*types.Func); ok && revealers.has(f) {
		return mark{own: e.Sel.Pos()}
	}
	t := r.TypesInfo.TypeOf(e.X)
	if t != nil && isNamed(pointed(t), coreObjects, "Secret") && strings.HasSuffix(e.Sel.Name, "Data") {
		return mark{own: e.Sel.Pos()}
	}
	return r.marks[r.placeOf(e)]
}

// listed is for literals. That of a struct of this package is told by its type, as its fields are marked.
func (r *reveals) listed(e *ast.CompositeLit) (m mark) {
	for _, element := range e.Elts {
		if pair, ok := element.(*ast.KeyValueExpr); ok {
			field, isField := objectOf(r.TypesInfo, pair.Key).(*types.Var)
			if isField && field.IsField() && field.Pkg() == r.Pkg {
				continue
			}
			m, element = m.or(r.text(pair.Key)), pair.Value
		}
		m = m.or(r.text(element))
	}
	return m
}

// given is what a function literal returns.
func (r *reveals) given(e *ast.FuncLit) (m mark) {
	ast.Inspect(e.Body, func(n ast.Node) bool {
		if s, ok := n.(*ast.ReturnStmt); ok {
			for _, result := range s.Results {
				if carriesText(r.TypesInfo.TypeOf(result)) {
					m = m.or(r.text(result))
				}
			}
		}
		_, another := n.(*ast.FuncLit)
		return !another
	})
	return m
}

// result is for one of the results of an expression: a call gives on what it was given where that result is text.
func (r *reveals) result(e ast.Expr, i int) mark {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		return r.text(e)
	}
	var given mark
	for _, arg := range call.Args {
		given = given.or(r.text(arg))
	}
	fun := r.TypesInfo.Types[call.Fun]
	if fun.IsType() {
		return given
	}
	if !carriesText(resultOf(r.TypesInfo.TypeOf(call), i)) || r.isBuiltin(call, "len") || r.isBuiltin(call, "cap") {
		return mark{}
	}
	if m := r.text(call.Fun); m.there() { // a method value, or a literal
		return m
	}
	if all := r.functions(call.Fun); len(all) > 0 {
		return r.called(call, all, i, given)
	}
	return given.or(r.receiver(call))
}

// called is the result of named functions: one of this package is known, of any other the worst is expected, but
// that it is a digest.
func (r *reveals) called(call *ast.CallExpr, all []*types.Func, i int, given mark) (m mark) {
	for _, f := range all {
		path := pathOf(f.Pkg())
		switch {
		case strings.HasPrefix(path, "crypto/") || strings.HasPrefix(path, "hash/") || redacting.has(f):
		case path == secretPackage && !revealers.has(f):
		case f.Pkg() == r.Pkg && i < f.Signature().Results().Len() && !isInterfaceMethod(f):
			result := r.marks[place{in: f.Signature().Results().At(i)}]
			if result.lent.IsValid() {
				m = m.or(given)
			}
			m = m.or(mark{own: result.own})
		default:
			m = m.or(given).or(r.receiver(call))
		}
	}
	return m
}

func isInterfaceMethod(f *types.Func) bool {
	recv := f.Signature().Recv()
	return recv != nil && types.IsInterface(recv.Type())
}

// receiver is what the value has whose method is called.
func (r *reveals) receiver(call *ast.CallExpr) mark {
	if s, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok && r.TypesInfo.Selections[s] != nil {
		return r.text(s.X)
	}
	return mark{}
}

func resultOf(t types.Type, i int) types.Type {
	tuple, ok := t.(*types.Tuple)
	if !ok {
		return t
	}
	if i < tuple.Len() {
		return tuple.At(i).Type()
	}
	return nil
}

// usual is the name of a function as people write it.
func usual(f *types.Func) string { return f.Pkg().Name() + "." + f.Name() }
