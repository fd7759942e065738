// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package vet

import (
	"go/ast"
	"go/types"
	"strings"

	"golang.org/x/tools/go/types/typeutil"
)

// A flow follows the place of a package's Scores, and its capabilities: by their types, and where these do not tell it any
// more, through the package's variables, fields, parameters and results.
type flow struct {
	*checker
	files []*ast.File
	types []types.Type          // C of each Score, and what its accessors give
	holds map[types.Object]bool // variables that hold a place, functions that return one
}

func newFlow(c *checker, files []*ast.File, all []score) *flow {
	f := &flow{checker: c, files: files, holds: map[types.Object]bool{}}
	for _, s := range all {
		f.types = append(f.types, s.place)
		f.types = append(f.types, capabilities(s.place)...)
		f.holdsInMethods(s)
	}
	for before := -1; before < len(f.holds); {
		before = len(f.holds)
		for _, file := range files {
			ast.Inspect(file, f.follow)
		}
	}
	return f
}

// capabilities are the interfaces that the accessors of a place give. What Go itself has is none: a connection that the
// place made is the Score's to look at.
func capabilities(place types.Type) (all []types.Type) {
	i, ok := place.Underlying().(*types.Interface)
	if !ok {
		return nil
	}
	for m := range i.Methods() {
		s := m.Signature()
		if s.Results().Len() != 1 && s.Params().Len() > 0 || s.Results().Len() == 0 {
			continue
		}
		c := s.Results().At(0).Type()
		if of, ok := c.Underlying().(*types.Interface); ok && of.NumMethods() > 0 && !isGos(c) {
			all = append(all, c)
		}
	}
	return all
}

// holdsInMethods takes the place as the methods of a Score get it: that of a generic Score has no type to know it by.
func (f *flow) holdsInMethods(s score) {
	for _, name := range append([]string{"Interpret", "SmokeTest"}, names(companions(s))...) {
		m := methodOf(s.name.Type(), name)
		if m == nil || m.Pkg() != f.Pkg {
			continue
		}
		for p := range m.Signature().Params().Variables() {
			if types.IsInterface(p.Type()) && f.isPlaceType(p.Type()) || isParam(p.Type()) {
				f.holds[p] = true
			}
		}
	}
}

// isGos tells the types of the language and of its standard library.
func isGos(t types.Type) bool {
	named, ok := types.Unalias(t).(*types.Named)
	if !ok {
		return false
	}
	domain, _, _ := strings.Cut(pathOf(named.Obj().Pkg()), "/")
	return !strings.Contains(domain, ".")
}

func isParam(t types.Type) bool {
	_, ok := t.(*types.TypeParam)
	return ok
}

// isPlaceType tells a place, a capability, and what is made of their parts.
func (f *flow) isPlaceType(t types.Type) bool {
	if t == nil {
		return false
	}
	if p, ok := types.Unalias(t).(*types.TypeParam); ok {
		t = p.Constraint()
	}
	i, ok := t.Underlying().(*types.Interface)
	if !ok || i.NumMethods() == 0 || isGos(t) {
		return false
	}
	for _, known := range f.types {
		if types.Identical(t, known) || isPartOf(t, known) {
			return true
		}
	}
	for part := range i.EmbeddedTypes() {
		if f.isPlaceType(part) {
			return true
		}
	}
	return false
}

// isPartOf tells whether an interface is embedded in another one, however deep.
func isPartOf(part, whole types.Type) bool {
	i, ok := whole.Underlying().(*types.Interface)
	if !ok {
		return false
	}
	for e := range i.EmbeddedTypes() {
		if types.Identical(part, e) || isPartOf(part, e) {
			return true
		}
	}
	return false
}

// isPlace tells whether an expression is a place or a capability.
func (f *flow) isPlace(e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		if f.holds[origin(f.TypesInfo.ObjectOf(e))] {
			return true
		}
	case *ast.SelectorExpr:
		if f.holds[origin(f.TypesInfo.Uses[e.Sel])] {
			return true
		}
	case *ast.TypeAssertExpr:
		return f.isPlace(e.X)
	case *ast.CallExpr:
		if f.TypesInfo.Types[e.Fun].IsType() {
			return len(e.Args) == 1 && f.isPlace(e.Args[0])
		}
		if callee := typeutil.StaticCallee(f.TypesInfo, e); callee != nil && f.holds[callee.Origin()] {
			return true
		}
	}
	return f.isPlaceType(f.TypesInfo.TypeOf(e))
}

// origin is the declared variable of one of an instance.
func origin(o types.Object) types.Object {
	if v, ok := o.(*types.Var); ok {
		return v.Origin()
	}
	return o
}
