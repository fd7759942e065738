// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package vet

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

var (
	after = set{"time": {"After"}}
	// resters pause and are the right way to do so; a loop around them is still a loop that pauses. They tell of the
	// end of the context.
	resters = set{
		framework + "/wait":                    {"Sleep"},
		framework + "/localkube/internal/wait": {"For"},
		"golang.org/x/time/rate":               {"Wait", "WaitN"},
	}
	yields      = set{"runtime": {"Gosched"}}
	withTimeout = set{"context": {"WithTimeout*", "WithDeadline*"}}
)

// isClock tells whether a channel is one of ticks: of time.Time, to be received from only.
func (c *checker) isClock(e ast.Expr) bool {
	t := c.TypesInfo.TypeOf(e)
	if t == nil {
		return false
	}
	channel, ok := t.Underlying().(*types.Chan)
	return ok && channel.Dir() == types.RecvOnly && isNamed(channel.Elem(), "time", "Time")
}

// isAfter tells of time.After(d), and of time.NewTimer(d).C.
func (c *checker) isAfter(e ast.Expr) bool {
	if s, ok := ast.Unparen(e).(*ast.SelectorExpr); ok {
		return c.calls(s.X, set{"time": {"NewTimer"}}.has)
	}
	return c.calls(e, after.has)
}

// lent tells of a clock that someone else winds: of a ticker that is a field or a parameter. Waiting for its next
// tick is no sleep, though it may be a step of a poll.
func (c *checker) lent(e ast.Expr) bool {
	clock := ast.Unparen(e)
	if s, ok := clock.(*ast.SelectorExpr); ok && s.Sel.Name == "C" {
		clock = s.X
		if !isNamed(pointed(c.TypesInfo.TypeOf(clock)), "time", "Ticker") {
			return false
		}
	}
	v, ok := objectOf(c.TypesInfo, clock).(*types.Var)
	return ok && (v.IsField() || len(c.values().given[v]) == 0)
}

// selectOf is the select one of whose clauses waits by the expression at the end of a stack.
func selectOf(stack []ast.Node) *ast.SelectStmt {
	for i, n := range slices.Backward(stack) {
		switch n.(type) {
		case *ast.ExprStmt, *ast.AssignStmt, *ast.ParenExpr:
		case *ast.CommClause:
			if i >= 2 && i+1 < len(stack) && n.(*ast.CommClause).Comm == stack[i+1] {
				choice, _ := stack[i-2].(*ast.SelectStmt)
				return choice
			}
			return nil
		default:
			return nil
		}
	}
	return nil
}

// onlyPauses tells of a select that waits for nothing but time and the end of a context.
func (c *checker) onlyPauses(s *ast.SelectStmt) bool {
	return blocks(s) && !slices.ContainsFunc(s.Body.List, func(clause ast.Stmt) bool {
		from := received(clause.(*ast.CommClause).Comm)
		return from == nil || !c.isClock(from) && c.doneOf(from) == nil
	})
}

// blocks tells whether a select has no default.
func blocks(s *ast.SelectStmt) bool {
	return !slices.ContainsFunc(s.Body.List, func(clause ast.Stmt) bool { return clause.(*ast.CommClause).Comm == nil })
}

// received is the channel that a statement receives from; nil when it does not.
func received(s ast.Stmt) ast.Expr {
	var e ast.Expr
	switch s := s.(type) {
	case *ast.ExprStmt:
		e = s.X
	case *ast.AssignStmt:
		e = s.Rhs[0]
	}
	if receive, ok := ast.Unparen(e).(*ast.UnaryExpr); ok && receive.Op == token.ARROW {
		return receive.X
	}
	return nil
}

// doneOf is ctx in ctx.Done().
func (c *checker) doneOf(e ast.Expr) ast.Expr { return c.ofContext(e, "Done") }

// ofContext is ctx in a call of one of its methods.
func (c *checker) ofContext(e ast.Expr, method string) ast.Expr {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		return nil
	}
	for _, f := range c.functions(call.Fun) {
		if f.Name() == method && f.Signature().Recv() != nil && isContext(f.Signature().Recv().Type()) {
			if s, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok {
				return s.X
			}
			return call.Fun // a method value
		}
	}
	return nil
}

// isContext tells whether a type is a context, by its methods.
func isContext(t types.Type) bool {
	methods := types.NewMethodSet(t)
	return !slices.ContainsFunc([]string{"Deadline", "Done", "Err", "Value"}, func(name string) bool {
		return methods.Lookup(nil, name) == nil
	})
}
