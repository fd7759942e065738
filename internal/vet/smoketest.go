// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package vet

import (
	"go/ast"
	"go/types"
)

// SmokeTest has the smoke test of a Score look at the Score's place.
var SmokeTest = rule("smoketest",
	"report smoke tests that pass without a look at the Score's place",
	"a deploy is done when the smoke test has passed: one that does not look proves nothing",
	smokeTest)

const look = "prove one fact that a user of the component sees, through the place"

func smokeTest(c *checker) error {
	p := paths{checker: c, bodies: c.bodies(), seen: map[*types.Func]bool{}}
	for _, s := range scores(c.Pkg, shipped(c.Pass)) {
		method := methodOf(s.name.Type(), "SmokeTest")
		if p.bodies[method] == nil || p.seen[method] {
			continue
		}
		place := method.Signature().Params().At(1)
		if !p.mentioned(method, place) {
			p.seen[method] = true
			c.found(span{method.Pos(), len(method.Name())}, "the smoke test of "+s.name.Name()+" does not look at its place", look)
			continue
		}
		p.check(method, place)
	}
	return nil
}

// bodies are the functions of the package.
func (c *checker) bodies() map[*types.Func]*ast.FuncDecl {
	all := map[*types.Func]*ast.FuncDecl{}
	for _, file := range c.Files {
		for _, d := range file.Decls {
			if d, ok := d.(*ast.FuncDecl); ok && d.Body != nil {
				if f, ok := c.TypesInfo.Defs[d.Name].(*types.Func); ok {
					all[f] = d
				}
			}
		}
	}
	return all
}
