// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package vet

import (
	"go/ast"
	"go/token"
	"go/types"
)

// ends tells whether a statement of the loop, run under a guard, leaves it because of what was seen. In what is
// nested, a plain break leads no further than there.
func (l *loop) ends(s ast.Stmt, guard verdict, nested bool) bool {
	switch s := s.(type) {
	case *ast.BlockStmt:
		return l.endsIn(s.List, guard, nested)
	case *ast.LabeledStmt:
		return l.ends(s.Stmt, guard, nested)
	case *ast.IfStmt:
		if l.ends(s.Body, both(guard, l.judge(s.Cond, true)), nested) {
			return true
		}
		return s.Else != nil && l.ends(s.Else, l.unless(s.Body, guard, nested, l.judge(s.Cond, false)), nested)
	case *ast.ForStmt:
		return l.ends(s.Body, guard, true)
	case *ast.RangeStmt:
		return l.ends(s.Body, guard, true)
	case *ast.SwitchStmt:
		return l.endsInSwitch(s, guard, nested)
	case *ast.TypeSwitchStmt:
		for _, clause := range s.Body.List {
			if l.endsIn(clause.(*ast.CaseClause).Body, both(guard, looked), true) {
				return true
			}
		}
	case *ast.SelectStmt:
		for _, clause := range s.Body.List {
			clause := clause.(*ast.CommClause)
			within := guard
			if clause.Comm != nil && !l.ticks(clause.Comm) {
				within = told // by whoever sent, received or closed
			}
			if l.endsIn(clause.Body, within, true) {
				return true
			}
		}
	case *ast.BranchStmt:
		return l.leaves(s, nested) && guard < idle
	case *ast.ReturnStmt:
		return guard == looked || guard == graded && !l.returnsError(s) || guard == failure && l.returnsSuccess(s)
	}
	return false
}

func (l *loop) ticks(comm ast.Stmt) bool {
	from := received(comm)
	return from != nil && l.clock(from)
}

// unless is the guard of what is run when a block was not, because its condition was other. Where the block leaves
// the loop, that says nothing about why the loop goes on.
func (l *loop) unless(block ast.Stmt, guard verdict, nested bool, other verdict) verdict {
	if l.quits(block, nested) {
		return guard
	}
	return both(guard, other)
}

func (l *loop) quits(s ast.Stmt, nested bool) bool {
	if !stops(s) {
		return false
	}
	list := s.(*ast.BlockStmt).List
	branch, ok := list[len(list)-1].(*ast.BranchStmt)
	return !ok || l.leaves(branch, nested)
}

// endsIn walks a list: after an if whose body does not go on, its condition was not so.
func (l *loop) endsIn(list []ast.Stmt, guard verdict, nested bool) bool {
	for _, s := range list {
		if l.ends(s, guard, nested) {
			return true
		}
		branch, ok := s.(*ast.IfStmt)
		switch {
		case ok && stops(branch.Body):
			guard = l.unless(branch.Body, guard, nested, l.judge(branch.Cond, false))
		case ok && branch.Else != nil && stops(branch.Else):
			guard = l.unless(branch.Else, guard, nested, l.judge(branch.Cond, true))
		case l.goesOn(s):
			guard = both(guard, looked)
		}
	}
	return false
}

// goesOn tells of a statement that may begin the next round somewhere inside: then what follows is not run always.
func (l *loop) goesOn(s ast.Stmt) (found bool) {
	ast.Inspect(s, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit, *ast.ForStmt, *ast.RangeStmt:
			return false
		case *ast.BranchStmt:
			found = found || n.Tok == token.CONTINUE
		}
		return true
	})
	return found
}

// stops tells of a block that does not go on after its last statement.
func stops(s ast.Stmt) bool {
	b, ok := s.(*ast.BlockStmt)
	if !ok || len(b.List) == 0 {
		return false
	}
	switch b.List[len(b.List)-1].(type) {
	case *ast.ReturnStmt, *ast.BranchStmt:
		return true
	}
	return false
}

func (l *loop) endsInSwitch(s *ast.SwitchStmt, guard verdict, nested bool) bool {
	judge := func(e ast.Expr, want bool) verdict {
		if s.Tag == nil {
			return l.judge(e, want)
		}
		return l.compare(s.Tag, e, want)
	}
	none := idle // no case was so: what default knows, and a case of those before it
	var otherwise *ast.CaseClause
	for _, clause := range s.Body.List {
		clause := clause.(*ast.CaseClause)
		if clause.List == nil {
			otherwise = clause
			continue
		}
		this := told
		for _, e := range clause.List {
			this = either(this, judge(e, true))
		}
		if l.endsIn(clause.Body, both(guard, both(none, this)), true) {
			return true
		}
		if !l.quits(&ast.BlockStmt{List: clause.Body}, true) {
			for _, e := range clause.List {
				none = both(none, judge(e, false))
			}
		}
	}
	return otherwise != nil && l.endsIn(otherwise.Body, both(guard, none), true)
}

// leaves tells of a break, goto or continue that leads out of the loop.
func (l *loop) leaves(s *ast.BranchStmt, nested bool) bool {
	if s.Label == nil {
		return s.Tok == token.BREAK && !nested
	}
	label, ok := l.TypesInfo.Uses[s.Label].(*types.Label)
	if !ok {
		return false
	}
	outside := label.Pos() < l.node.Pos() || l.node.End() < label.Pos()
	return outside && (s.Tok != token.CONTINUE || l.label == nil || l.label != types.Object(label))
}

// returnsError tells of a return that gives an error other than nil.
func (l *loop) returnsError(s *ast.ReturnStmt) bool {
	for _, e := range s.Results {
		if isError(l.TypesInfo.TypeOf(e)) && !l.isNil(e) {
			return true
		}
	}
	return false
}

// returnsSuccess tells of a return that says all is well: true, or no error.
func (l *loop) returnsSuccess(s *ast.ReturnStmt) bool {
	if len(s.Results) == 0 {
		return false
	}
	last := s.Results[len(s.Results)-1]
	if v := l.TypesInfo.Types[last].Value; v != nil {
		return v.String() == "true"
	}
	return l.isNil(last) && isError(l.TypesInfo.TypeOf(last))
}
