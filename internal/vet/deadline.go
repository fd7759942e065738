// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package vet

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/cfg"
)

var (
	causes = set{"context": {"Cause"}}
	joins  = set{"errors": {"Join"}}
	first  = set{"cmp": {"Or"}}
)

const explainIt = "diag.Ended(ctx) says why a context has ended; wait.Until and wait.Sleep give back what was seen last; %w with words tells what was being done"

// bareDeadlines finds errors that say no more than that a context has ended, where they are given to someone.
func (c *checker) bareDeadlines(file *ast.File) {
	ast.PreorderStack(file, nil, func(n ast.Node, stack []ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			return !c.isErrOfContext(n)
		case *ast.ReturnStmt:
			f := functionOf(c.TypesInfo, stack)
			for _, e := range n.Results {
				c.bareIn(f, n, e)
			}
			if len(n.Results) == 0 {
				for _, name := range f.results {
					c.bareIn(f, n, name)
				}
			}
		case *ast.SendStmt:
			c.bareIn(functionOf(c.TypesInfo, stack), n, n.Value)
		}
		return true
	})
}

func (c *checker) bareIn(f function, at ast.Stmt, e ast.Expr) {
	if isError(c.TypesInfo.TypeOf(e)) && (&trace{checker: c, in: f}).bare(e, at) {
		where := e.(ast.Node)
		if !within(at, e) { // a named result
			where = at
		}
		c.found(where, "an error that is a bare deadline: it says that a context has ended, and not what was waited for", explainIt)
	}
}

// isErrOfContext tells of the method of a context, which must return just that.
func (c *checker) isErrOfContext(f *ast.FuncDecl) bool {
	o, ok := c.TypesInfo.Defs[f.Name].(*types.Func)
	return ok && f.Recv != nil && f.Name.Name == "Err" && isContext(o.Signature().Recv().Type())
}

// A function is the innermost one around a statement.
type function struct {
	body    *ast.BlockStmt
	results []*ast.Ident // when they have names
}

func functionOf(info *types.Info, stack []ast.Node) (f function) {
	var t *ast.FuncType
	for _, n := range slices.Backward(stack) {
		if d, ok := n.(*ast.FuncDecl); ok {
			f.body, t = d.Body, d.Type
			break
		}
		if l, ok := n.(*ast.FuncLit); ok {
			f.body, t = l.Body, l.Type
			break
		}
	}
	if t != nil && t.Results != nil {
		for _, field := range t.Results.List {
			f.results = append(f.results, field.Names...)
		}
	}
	return f
}

// A trace follows variables back through one function.
type trace struct {
	*checker
	in    function
	trail []ast.Node // what is being followed
}

// bare tells whether an error, as it is at a statement, may be nothing but the end of a context.
func (f *trace) bare(e ast.Expr, at ast.Node) bool {
	e = ast.Unparen(e)
	if f.isEnd(e) || f.ofContext(e, "Err") != nil || f.calls(e, causes.has) {
		return true
	}
	if call, ok := e.(*ast.CallExpr); ok {
		return f.bareCall(call, at)
	}
	name := nameOf(e)
	v, ok := f.TypesInfo.ObjectOf(name).(*types.Var)
	if name == nil || !ok || v.IsField() || v.Pkg() != f.Pkg || slices.Contains(f.trail, at) {
		return false
	}
	f.trail = append(f.trail, at)
	defer func() { f.trail = f.trail[:len(f.trail)-1] }()
	if v.Parent() == f.Pkg.Scope() {
		return slices.ContainsFunc(f.values().given[v], func(g value) bool {
			return g.expr != nil && g.result == whole && f.bare(g.expr, g.at)
		})
	}
	return slices.ContainsFunc(f.reaching(v, at), func(g value) bool {
		return g.expr != nil && g.result == whole && f.bare(g.expr, g.at)
	})
}

// bareCall takes conversions, and functions that pass on nothing but the errors that they are given.
func (f *trace) bareCall(call *ast.CallExpr, at ast.Node) bool {
	isBare := func(e ast.Expr) bool { return f.bare(e, at) }
	allBare := func(errs []ast.Expr) bool {
		return len(errs) > 0 && !slices.ContainsFunc(errs, func(e ast.Expr) bool { return !isBare(e) && !f.isNil(e) })
	}
	switch {
	case f.TypesInfo.Types[call.Fun].IsType():
		return isBare(call.Args[0])
	case f.calls(call, joins.has):
		return allBare(call.Args)
	case f.calls(call, first.has):
		return slices.ContainsFunc(call.Args, isBare)
	case f.calls(call, formatted.has):
		format, constant := f.constantText(call.Args[0])
		return constant && strings.Trim(words(format), " \t\n:;,.()-") == "" && allBare(call.Args[1:])
	}
	return false
}

// isEnd tells of context.Canceled and context.DeadlineExceeded.
func (c *checker) isEnd(e ast.Expr) bool {
	v, ok := objectOf(c.TypesInfo, e).(*types.Var)
	return ok && pathOf(v.Pkg()) == "context" && (v.Name() == "Canceled" || v.Name() == "DeadlineExceeded")
}

// reaching lists what a variable may last have been given before a statement, along every way through the function.
func (f *trace) reaching(v *types.Var, at ast.Node) (all []value) {
	graph := cfg.New(f.in.body, func(*ast.CallExpr) bool { return true })
	before := map[*cfg.Block][]*cfg.Block{}
	for _, b := range graph.Blocks {
		for _, next := range b.Succs {
			before[next] = append(before[next], b)
		}
	}
	done := map[*cfg.Block]bool{}
	var back func(b *cfg.Block, nodes []ast.Node)
	back = func(b *cfg.Block, nodes []ast.Node) {
		for _, n := range slices.Backward(nodes) {
			if given := f.givenBy(v, n); len(given) > 0 {
				all = append(all, given...)
				return
			}
		}
		for _, earlier := range before[b] {
			if !done[earlier] {
				done[earlier] = true
				back(earlier, earlier.Nodes)
			}
		}
	}
	for _, b := range graph.Blocks {
		for i, n := range b.Nodes {
			if n.Pos() <= at.Pos() && at.End() <= n.End() {
				back(b, b.Nodes[:i])
			}
		}
	}
	return all
}

// givenBy lists what a node of the graph gives a variable; a function literal in it may be called at any time, and
// is left out.
func (f *trace) givenBy(v *types.Var, n ast.Node) (all []value) {
	for _, g := range f.values().given[v] {
		later := slices.ContainsFunc(g.within, func(around ast.Node) bool {
			_, isFunc := around.(*ast.FuncLit)
			return isFunc && within(n, around)
		})
		if within(n, g.at) && !later {
			all = append(all, g)
		}
	}
	return all
}
