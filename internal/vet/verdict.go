// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package vet

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// A verdict says what a condition tells of the way out of a loop that it guards.
type verdict int

const (
	looked  verdict = iota // it depends on something that was looked at
	graded                 // on which error there was
	idle                   // on nothing that is looked at: options, counters, the time
	failure                // there was an error
	told                   // the loop was told to end: by its context, or by a channel
)

// both is the verdict on two conditions that must both be so: what ends the loop for certain decides, else
// whatever was looked at does.
func both(a, b verdict) verdict {
	if most := max(a, b); most >= failure {
		return most
	}
	return min(a, b)
}

// either is the verdict on two conditions one of which is enough.
func either(a, b verdict) verdict { return min(a, b) }

// A loop is one for statement that is looked at.
type loop struct {
	*checker
	node  ast.Node
	body  *ast.BlockStmt
	label types.Object      // its own, if it has one
	skip  map[ast.Node]bool // loops within it that have been found already
	trail []types.Object    // variables that are being judged
}

// judge is the verdict on a condition that turned out as want.
func (l *loop) judge(e ast.Expr, want bool) verdict {
	switch e := ast.Unparen(e).(type) {
	case *ast.UnaryExpr:
		if e.Op == token.NOT {
			return l.judge(e.X, !want)
		}
	case *ast.BinaryExpr:
		switch e.Op {
		case token.LAND, token.LOR:
			combine := both
			if (e.Op == token.LAND) != want {
				combine = either
			}
			return combine(l.judge(e.X, want), l.judge(e.Y, want))
		case token.EQL, token.NEQ:
			return l.compare(e.X, e.Y, (e.Op == token.EQL) == want)
		}
	case *ast.CallExpr:
		return l.judgeCall(e, want)
	case *ast.Ident:
		if v, ok := l.judgeName(e, want); ok {
			return v
		}
	}
	if l.idle(e) {
		return idle
	}
	return looked
}

func (l *loop) compare(x, y ast.Expr, equal bool) verdict {
	if l.isNil(x) || l.isEnd(x) {
		x, y = y, x
	}
	switch anError := isError(l.TypesInfo.TypeOf(x)); {
	case anError && l.isNil(y) && !equal && l.isEnding(x):
		return told
	case anError && l.isNil(y) && !equal:
		return failure
	case anError && !l.isNil(y) && equal && l.isEnd(y):
		return told
	case anError && !l.isNil(y) && equal:
		return graded
	case !anError && l.idle(x) && l.idle(y):
		return idle
	}
	return looked
}

// judgeCall knows the functions that pause until told otherwise, and takes a function of an error for one that grades it.
func (l *loop) judgeCall(call *ast.CallExpr, want bool) verdict {
	if l.rests(call) {
		return told
	}
	if l.idle(call) {
		return idle
	}
	if want {
		for _, arg := range call.Args {
			if l.isEnd(arg) || l.isEnding(arg) {
				return told
			}
		}
		for _, arg := range call.Args {
			if isError(l.TypesInfo.TypeOf(arg)) {
				return graded
			}
		}
	}
	return looked
}

// judgeName follows a variable to what it is given in the loop.
func (l *loop) judgeName(name *ast.Ident, want bool) (verdict, bool) {
	v, ok := l.TypesInfo.ObjectOf(name).(*types.Var)
	given := l.inside(v)
	if !ok || len(given) == 0 || slices.Contains(l.trail, types.Object(v)) {
		return looked, false
	}
	l.trail = append(l.trail, v)
	defer func() { l.trail = l.trail[:len(l.trail)-1] }()
	worst := told
	for _, g := range given {
		switch {
		case g.expr == nil:
			return looked, false
		case l.fromChannel(g):
		case g.result == whole && !within(g.expr, name):
			worst = min(worst, l.judge(g.expr, want))
		default:
			return looked, false
		}
	}
	return worst, true
}

// fromChannel tells of v, ok := <-ch, where ch is no clock.
func (l *loop) fromChannel(g value) bool {
	receive, ok := ast.Unparen(g.expr).(*ast.UnaryExpr)
	return ok && receive.Op == token.ARROW && !l.clock(receive.X)
}

// inside lists what a variable is given within the loop.
func (l *loop) inside(v types.Object) (all []value) {
	for _, g := range l.values().given[v] {
		if within(l.node, g.at) {
			all = append(all, g)
		}
	}
	return all
}

func within(outer, inner ast.Node) bool {
	return outer.Pos() <= inner.Pos() && inner.End() <= outer.End()
}

// isEnding tells of an error that there is only when a context has ended.
func (l *loop) isEnding(e ast.Expr) bool {
	if l.ofContext(e, "Err") != nil || l.calls(e, causes.has) || l.rests(e) {
		return true
	}
	name, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		return false
	}
	given := l.values().given[l.TypesInfo.ObjectOf(name)]
	return len(given) > 0 && !slices.ContainsFunc(given, func(g value) bool {
		return g.expr == nil || within(g.expr, name) || l.ofContext(g.expr, "Err") == nil && !l.calls(g.expr, causes.has) && !l.rests(g.expr)
	})
}
