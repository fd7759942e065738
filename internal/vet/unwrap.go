// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package vet

import "go/types"

// unwrapped reports a Score that holds another for the same place and does not give it out. A composite, which has Parts
// of its own, holds its parts.
func (c *checker) unwrapped(s score) {
	t, ok := itself(s.name.Type()).Underlying().(*types.Struct)
	if !ok {
		return
	}
	if parts := methodOf(s.name.Type(), "Parts"); parts != nil && parts.Pkg() == c.Pkg {
		return
	}
	for field := range t.Fields() {
		if !types.IsInterface(field.Type()) { // a type parameter counts as its constraint
			continue
		}
		held, ok := placeIn(types.NewMethodSet(field.Type()))
		if !ok || !types.Identical(held, s.place) || c.unwraps(s) {
			continue
		}
		what := c.typeName(itself(s.name.Type()))
		wrapped := "harmony.Score[" + c.typeName(s.place) + "]"
		c.found(span{s.name.Pos(), len(s.name.Name())}, what+" holds a Score in its field "+field.Name()+" and hides its companions",
			"give it out: func (s "+what+") Unwrap() "+wrapped+" { return s."+field.Name()+" }")
	}
}

// unwraps tells whether a deploy finds what the Score holds: Unwrap on what is a Score, with harmony.Score for the same
// place as its result.
func (c *checker) unwraps(s score) bool {
	t := itself(s.name.Type())
	methods := types.NewMethodSet(t)
	if _, byValue := placeIn(methods); !byValue {
		methods = types.NewMethodSet(types.NewPointer(t))
	}
	unwrap := signature(methods, "Unwrap", 0, 1)
	if unwrap == nil {
		return false
	}
	named, ok := types.Unalias(unwrap.Results().At(0).Type()).(*types.Named)
	return ok && isNamed(named, framework, "Score") && types.Identical(named.TypeArgs().At(0), s.place)
}
