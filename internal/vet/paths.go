// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package vet

import (
	"go/ast"
	"go/constant"
	"go/types"
	"slices"

	"golang.org/x/tools/go/cfg"
	"golang.org/x/tools/go/types/typeutil"
)

// paths looks for ways through a function that end with nil and do not touch the place.
type paths struct {
	*checker
	bodies map[*types.Func]*ast.FuncDecl
	seen   map[*types.Func]bool
}

func (p *paths) check(f *types.Func, place *types.Var) {
	if p.seen[f] {
		return
	}
	p.seen[f] = true
	graph := cfg.New(p.bodies[f].Body, p.mayReturn)
	times := map[*cfg.Block]int{}
	next := []*cfg.Block{graph.Blocks[0]}
	for len(next) > 0 {
		block := next[len(next)-1]
		next = next[:len(next)-1]
		times[block]++
		if succs := p.after(block, times[block]); !p.touches(f, place, block) {
			next = append(next, succs...)
		}
	}
}

// after gives where a block leads. A loop over something that is not empty runs before it ends.
func (p *paths) after(block *cfg.Block, time int) []*cfg.Block {
	loop, ok := block.Stmt.(*ast.RangeStmt)
	sure := ok && block.Kind == cfg.KindRangeLoop && p.notEmpty(loop.X)
	switch {
	case sure && time <= len(block.Succs):
		return block.Succs[time-1 : time]
	case time > 1:
		return nil
	}
	return block.Succs
}

func (p *paths) notEmpty(e ast.Expr) bool {
	if literal, ok := ast.Unparen(e).(*ast.CompositeLit); ok {
		return len(literal.Elts) > 0
	}
	v := p.TypesInfo.Types[e].Value
	if v == nil || v.Kind() != constant.Int {
		return v != nil && v.Kind() == constant.String && constant.StringVal(v) != ""
	}
	return constant.Sign(v) > 0
}

// touches tells whether the way ends in the block: at the place, or at a return, which is reported when it says nil.
func (p *paths) touches(f *types.Func, place *types.Var, block *cfg.Block) bool {
	for _, n := range block.Nodes {
		r, isReturn := n.(*ast.ReturnStmt)
		if isReturn && p.handsOn(r, place) || p.uses(n, place) {
			return true
		}
		if isReturn {
			if p.saysNil(f, r) || p.passesOn(r) {
				p.found(r, "a smoke test passes here without a look at its place", look+"; or say in an error why it cannot be proved")
			}
			return true
		}
	}
	return false
}

// delegate is the function of this package whose result a return gives; nil when there is none.
func (p *paths) delegate(r *ast.ReturnStmt) (*ast.CallExpr, *types.Func) {
	if len(r.Results) != 1 {
		return nil, nil
	}
	call, ok := ast.Unparen(r.Results[0]).(*ast.CallExpr)
	if !ok {
		return nil, nil
	}
	callee := typeutil.StaticCallee(p.TypesInfo, call)
	if callee == nil || p.bodies[callee.Origin()] == nil {
		return nil, nil
	}
	return call, callee.Origin()
}

// handsOn follows a return of a function of this package that gets the place: return s.probe(ctx, on).
func (p *paths) handsOn(r *ast.ReturnStmt, place *types.Var) bool {
	call, callee := p.delegate(r)
	if callee == nil {
		return false
	}
	at := slices.IndexFunc(call.Args, func(e ast.Expr) bool { return p.is(e, place) })
	if at < 0 || at >= callee.Signature().Params().Len() || p.count(r, place) > 1 {
		return false
	}
	p.check(callee, callee.Signature().Params().At(at))
	return true
}

// passesOn tells whether a return is that of a function of this package that can say nil, and does not get the place.
func (p *paths) passesOn(r *ast.ReturnStmt) bool {
	_, callee := p.delegate(r)
	if callee == nil {
		return false
	}
	says := false
	ast.Inspect(p.bodies[callee].Body, func(n ast.Node) bool {
		if r, ok := n.(*ast.ReturnStmt); ok && p.saysNil(callee, r) {
			says = true
		}
		_, closure := n.(*ast.FuncLit)
		return !closure
	})
	return says
}

func (p *paths) is(e ast.Expr, v *types.Var) bool {
	id, ok := ast.Unparen(e).(*ast.Ident)
	return ok && p.TypesInfo.Uses[id] == v
}

func (p *paths) count(in ast.Node, v *types.Var) (n int) {
	ast.Inspect(in, func(node ast.Node) bool {
		if e, ok := node.(*ast.Ident); ok && p.is(e, v) {
			n++
		}
		return true
	})
	return n
}

func (p *paths) mayReturn(call *ast.CallExpr) bool {
	if p.isBuiltin(call, "panic") {
		return false
	}
	id := called(call)
	return id == nil || !p.isFunc(id, "os", []string{"Exit"})
}
