// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package vet

import (
	"go/ast"
	"go/types"
	"strings"

	"golang.org/x/tools/go/analysis"
)

const framework = "nationtech.io/harmony"

func fileOf(pass *analysis.Pass, file *ast.File) string { return pass.Fset.Position(file.FileStart).Filename }

// isTest tells whether the file is one of tests.
func isTest(pass *analysis.Pass, file *ast.File) bool { return strings.HasSuffix(fileOf(pass, file), "_test.go") }

// A score is a type of the package that implements harmony.Score.
type score struct {
	name  *types.TypeName
	place types.Type // C: what it needs of a place
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
	if _, isInterface := t.Underlying().(*types.Interface); isInterface {
		return nil, false
	}
	methods := types.NewMethodSet(types.NewPointer(t))
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

// isNamed tells whether t is the type of that name in the package of that path.
func isNamed(t types.Type, path, name string) bool {
	named, ok := types.Unalias(t).(*types.Named)
	return ok && named.Obj().Name() == name && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == path
}
