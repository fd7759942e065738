// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package vet

import (
	"go/ast"
	"go/token"
	"go/types"
)

// loops finds the polling loops of a function, inner ones first; function literals in it are looked at for themselves.
func (c *checker) loops(body *ast.BlockStmt) {
	found, labels := map[ast.Node]bool{}, map[ast.Node]types.Object{}
	var visit func(ast.Node)
	visit = func(at ast.Node) {
		ast.Inspect(at, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncLit:
				return false
			case *ast.LabeledStmt:
				labels[n.Stmt] = c.TypesInfo.Defs[n.Label]
			case *ast.ForStmt:
				if n == at {
					return true
				}
				visit(n)
				c.poll(&loop{checker: c, node: n, body: n.Body, label: labels[n], skip: found}, n.Cond)
				return false
			case *ast.RangeStmt:
				if n == at {
					return true
				}
				visit(n)
				c.poll(&loop{checker: c, node: n, body: n.Body, label: labels[n], skip: found}, nil)
				return false
			}
			return true
		})
	}
	visit(body)
}

// poll reports the loop when it pauses on a clock and ends by what it saw.
func (c *checker) poll(l *loop, condition ast.Expr) {
	paced, isRange := l.node.(*ast.RangeStmt)
	pauses := c.pauses(l.body, l.clock, l.skip) || isRange && l.clock(paced.X) || condition != nil && c.rests(condition)
	if !pauses {
		return
	}
	if condition != nil && l.judge(condition, false) < idle || l.ends(l.body, idle, false) {
		l.skip[l.node] = true
		c.found(span{l.node.Pos(), int(l.body.Lbrace - l.node.Pos())}, "a polling loop: it pauses on a clock, and ends by what it has seen", untilIt)
	}
}

// clock tells of a channel that ticks, and of the end of a context that the loop itself gives a time limit.
func (l *loop) clock(e ast.Expr) bool {
	if l.isClock(e) {
		return true
	}
	ctx := l.doneOf(e)
	if ctx == nil {
		return false
	}
	for _, g := range l.inside(objectOf(l.TypesInfo, ctx)) {
		if g.expr != nil && l.calls(g.expr, withTimeout.has) {
			return true
		}
	}
	return false
}

// jumps finds loops that are made with goto and pause on a clock.
func (c *checker) jumps(body *ast.BlockStmt) {
	labels := map[types.Object]ast.Node{}
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return n.Body == body
		case *ast.LabeledStmt:
			labels[c.TypesInfo.Defs[n.Label]] = n
		case *ast.BranchStmt:
			if n.Tok != token.GOTO {
				return true
			}
			from := labels[c.TypesInfo.Uses[n.Label]] // none when it leads onwards
			if from != nil && c.pausesBetween(body, from.Pos(), n.End()) {
				c.found(n, "a loop of goto that pauses on a clock", untilIt)
			}
		}
		return true
	})
}

func (c *checker) pausesBetween(body *ast.BlockStmt, from, to token.Pos) (found bool) {
	ast.Inspect(body, func(n ast.Node) bool {
		s, ok := n.(ast.Stmt)
		if ok && from <= s.Pos() && s.End() <= to {
			found = found || c.pauses(s, c.isClock, nil)
			return false
		}
		return true
	})
	return found
}
