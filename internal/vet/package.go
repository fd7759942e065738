// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package vet

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/analysis"
)

const framework = "nationtech.io/harmony"

// fileOf is the name that the file has on disk, whatever a //line directive says.
func fileOf(pass *analysis.Pass, file *ast.File) string {
	return pass.Fset.PositionFor(file.FileStart, false).Filename
}

// isTest tells whether the file is one of tests.
func isTest(pass *analysis.Pass, file *ast.File) bool {
	return strings.HasSuffix(fileOf(pass, file), "_test.go")
}

// A score is a type of the package that implements harmony.Score.
type score struct {
	name  *types.TypeName
	place types.Type // C: what it needs of a place
}

// shipped keeps what is not declared in a test.
func shipped(pass *analysis.Pass) func(*types.TypeName) bool {
	return func(t *types.TypeName) bool {
		return !strings.HasSuffix(pass.Fset.PositionFor(t.Pos(), false).Filename, "_test.go")
	}
}

// scores lists the types that implement harmony.Score for some C and are declared at the top of a file that keep
// takes, in the order of their names. They are told by their methods, so that a guard is not needed.
func scores(pkg *types.Package, keep func(*types.TypeName) bool) (all []score) {
	for _, name := range pkg.Scope().Names() {
		t, ok := pkg.Scope().Lookup(name).(*types.TypeName)
		if !ok || t.IsAlias() || !keep(t) {
			continue
		}
		if place, ok := placeOf(t.Type()); ok {
			all = append(all, score{t, place})
		}
	}
	return all
}

// placeOf is C of a type that implements harmony.Score[C], itself or by a pointer.
func placeOf(t types.Type) (types.Type, bool) {
	if types.IsInterface(t) {
		return nil, false
	}
	return placeIn(types.NewMethodSet(types.NewPointer(itself(t))))
}

// placeIn is C of a set of methods that makes its type a harmony.Score[C].
func placeIn(methods *types.MethodSet) (types.Type, bool) {
	interpret := signature(methods, "Interpret", 2, 2)
	smoke := signature(methods, "SmokeTest", 2, 1)
	name := signature(methods, "Name", 0, 1)
	if interpret == nil || smoke == nil || name == nil || !isNamed(interpret.Results().At(0).Type(), framework, "Outcome") {
		return nil, false
	}
	place := interpret.Params().At(1).Type()
	return place, types.Identical(place, smoke.Params().At(1).Type())
}

// signature is that of the method with so many parameters and results; nil when there is none.
func signature(methods *types.MethodSet, name string, params, results int) *types.Signature {
	for i := range methods.Len() {
		f, ok := methods.At(i).Obj().(*types.Func)
		if !ok || f.Name() != name {
			continue
		}
		s := f.Signature()
		if s.Params().Len() == params && s.Results().Len() == results {
			return s
		}
	}
	return nil
}

// methodOf is the method of t or of a pointer to it, its own or promoted, as it is declared; nil when there is none.
func methodOf(t types.Type, name string) *types.Func {
	methods := types.NewMethodSet(types.NewPointer(t))
	for i := range methods.Len() {
		if f, ok := methods.At(i).Obj().(*types.Func); ok && f.Name() == name {
			return f.Origin()
		}
	}
	return nil
}

// itself is a generic type with its own parameters for arguments, so that all its methods speak of the same ones.
func itself(t types.Type) types.Type {
	named, ok := t.(*types.Named)
	if !ok || named.TypeParams().Len() == 0 || named.TypeArgs().Len() > 0 {
		return t
	}
	var own []types.Type
	for p := range named.TypeParams().TypeParams() {
		own = append(own, p)
	}
	// Its own parameters satisfy their own constraints.
	instance, err := types.Instantiate(nil, named, own, false)
	if err != nil {
		return t
	}
	return instance
}

// isNamed tells whether t is the type of that name in the package of that path.
func isNamed(t types.Type, path, name string) bool {
	named, ok := types.Unalias(t).(*types.Named)
	return ok && named.Obj().Name() == name && pathOf(named.Obj().Pkg()) == path
}

// pathOf is the path by which a package is imported; go vet adds to that of one that is built for a test.
func pathOf(pkg *types.Package) string {
	if pkg == nil {
		return ""
	}
	path, _, _ := strings.Cut(pkg.Path(), " ")
	return path
}

// A span is a stretch of source.
type span struct {
	at     token.Pos
	length int
}

// Pos is where it begins.
func (s span) Pos() token.Pos { return s.at }

// End is where it ends.
func (s span) End() token.Pos { return s.at + token.Pos(s.length) }
