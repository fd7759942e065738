// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package vet

import (
	"go/ast"
	"go/types"
	"strings"
)

// A guard is a declaration that the compiler checks: var _ harmony.Remover[Place] = Score{}.
type guard struct {
	proves types.Type   // the interface
	of     *types.Named // the type of the value, or what it points to
	value  bool         // the value is none of a pointer
	test   bool
}

func (c *checker) guards() (all []guard) {
	for _, file := range c.Files {
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || len(spec.Values) != len(spec.Names) {
				return true
			}
			for i, e := range spec.Values {
				if proves, value := c.conversion(spec.Type, e); proves != nil && spec.Names[i].Name == "_" {
					all = append(all, c.guard(proves, value, isTest(c.Pass, file)))
				}
			}
			return true
		})
	}
	return all
}

// conversion takes var _ = harmony.Remover[Place](Score{}) for the same as with the type before the sign.
func (c *checker) conversion(proves, value ast.Expr) (ast.Expr, ast.Expr) {
	if call, ok := ast.Unparen(value).(*ast.CallExpr); ok && proves == nil && len(call.Args) == 1 && c.TypesInfo.Types[call.Fun].IsType() {
		return call.Fun, call.Args[0]
	}
	return proves, value
}

func (c *checker) guard(proves, value ast.Expr, test bool) guard {
	t := types.Unalias(c.TypesInfo.TypeOf(value))
	_, pointer := t.(*types.Pointer)
	of, _ := types.Unalias(pointed(t)).(*types.Named)
	return guard{proves: c.TypesInfo.TypeOf(proves), of: of, value: !pointer, test: test}
}

// isGuarded asks for a guard that proves what a deploy asks: the companion for the place of the Score, on a value where
// values are Scores, and outside of tests for what is not of tests.
func (c *checker) isGuarded(s score, companion companion, guards []guard, byValue bool) bool {
	isTest := strings.HasSuffix(c.Fset.PositionFor(s.name.Pos(), false).Filename, "_test.go")
	for _, g := range guards {
		if g.of == nil || g.of.Obj() != s.name || g.test && !isTest {
			continue
		}
		place, ok := placeOf(g.of)
		if ok && companion.isIn(g.proves, place) && (g.value || !byValue || implementsByValue(g)) {
			return true
		}
	}
	return false
}

// isIn tells whether an interface is the companion for a place, or embeds it.
func (c companion) isIn(t types.Type, place types.Type) bool {
	if named, ok := types.Unalias(t).(*types.Named); ok && named.Obj() == c.name {
		return types.Identical(named.TypeArgs().At(0), place)
	}
	i, ok := t.Underlying().(*types.Interface)
	if !ok {
		return false
	}
	for part := range i.EmbeddedTypes() {
		if c.isIn(part, place) {
			return true
		}
	}
	return false
}

// implementsByValue tells whether what a guard proves of a pointer is true of the value as well.
func implementsByValue(g guard) bool {
	i, ok := g.proves.Underlying().(*types.Interface)
	return ok && types.Implements(g.of, i)
}
