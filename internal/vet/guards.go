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
	proves *types.Named // the interface
	of     *types.Named // the type of the value, or what it points to
	value  bool         // the value is none of a pointer
	test   bool
}

func (c *checker) guards() (all []guard) {
	for _, file := range c.Files {
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || spec.Type == nil || len(spec.Values) != len(spec.Names) {
				return true
			}
			for i, e := range spec.Values {
				if spec.Names[i].Name == "_" {
					all = append(all, c.guard(spec.Type, e, isTest(c.Pass, file)))
				}
			}
			return true
		})
	}
	return all
}

func (c *checker) guard(proves, value ast.Expr, test bool) guard {
	t := types.Unalias(c.TypesInfo.TypeOf(value))
	_, pointer := t.(*types.Pointer)
	of, _ := types.Unalias(pointed(t)).(*types.Named)
	iface, _ := types.Unalias(c.TypesInfo.TypeOf(proves)).(*types.Named)
	return guard{proves: iface, of: of, value: !pointer, test: test}
}

// isGuarded asks for a guard that proves what a deploy asks: the companion for the place of the Score, on a value where
// values are Scores, and outside of tests for what is not of tests.
func (c *checker) isGuarded(s score, companion companion, guards []guard, byValue bool) bool {
	isTest := strings.HasSuffix(c.Fset.PositionFor(s.name.Pos(), false).Filename, "_test.go")
	for _, g := range guards {
		if g.proves == nil || g.of == nil || g.of.Obj() != s.name || g.proves.Obj() != companion.name || g.test && !isTest {
			continue
		}
		place, ok := placeOf(g.of)
		if ok && types.Identical(place, g.proves.TypeArgs().At(0)) && (g.value || !byValue || implementsByValue(g)) {
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
