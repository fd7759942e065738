// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package vet

import (
	"go/types"
	"strings"
)

// Companions has Scores prove their companions to the compiler.
var Companions = rule("companions",
	"report companions of Scores that have no guard, and wrapped Scores that cannot be found",
	"companions are found by type assertion: one that is nearly right is passed over without a word",
	checkCompanions)

func checkCompanions(c *checker) error {
	all := scores(c.Pkg, func(*types.TypeName) bool { return true })
	guards := c.guards()
	for _, s := range all {
		for _, companion := range companions(s) {
			c.guarded(s, companion, guards)
		}
		c.unwrapped(s)
	}
	return nil
}

// A companion is a generic interface beside harmony.Score, with its one method.
type companion struct {
	name   *types.TypeName
	method *types.Func
}

// companions lists those of the framework that the Score is written for. Unwrap has a check of its own.
func companions(s score) (all []companion) {
	pkg := frameworkOf(s)
	for _, name := range pkg.Scope().Names() {
		t, ok := pkg.Scope().Lookup(name).(*types.TypeName)
		if !ok || !t.Exported() || name == "Score" || name == "Wrapper" {
			continue
		}
		named, ok := t.Type().(*types.Named)
		if !ok || named.TypeParams().Len() != 1 {
			continue
		}
		if i, ok := named.Underlying().(*types.Interface); ok && i.NumMethods() == 1 {
			all = append(all, companion{t, i.Method(0)})
		}
	}
	return all
}

// frameworkOf is the package harmony, as the Score's own Interpret knows it.
func frameworkOf(s score) *types.Package {
	outcome := methodOf(s.name.Type(), "Interpret").Signature().Results().At(0).Type()
	return types.Unalias(outcome).(*types.Named).Obj().Pkg()
}

func names(all []companion) (methods []string) {
	for _, c := range all {
		methods = append(methods, c.method.Name())
	}
	return methods
}

// on is the interface for a place.
func (c companion) on(place types.Type) *types.Interface {
	t, err := types.Instantiate(nil, c.name.Type(), []types.Type{place}, false)
	if err != nil {
		return nil
	}
	i, _ := t.Underlying().(*types.Interface)
	return i
}

func (c *checker) typeName(t types.Type) string { return types.TypeString(t, c.short) }

func (c *checker) short(pkg *types.Package) string {
	if pkg == c.Pkg {
		return ""
	}
	return pkg.Name()
}

// guarded reports a companion's method of a Score that no guard holds to its interface.
func (c *checker) guarded(s score, companion companion, guards []guard) {
	method := methodOf(s.name.Type(), companion.method.Name())
	if method == nil || method.Pkg() != c.Pkg || c.isOfAnotherScore(method, s) {
		return
	}
	what := c.typeName(itself(s.name.Type()))
	wants := "harmony." + companion.name.Name() + "[" + c.typeName(s.place) + "]"
	at := span{method.Pos(), len(method.Name())}
	iface := companion.on(s.place)
	value, pointer := itself(s.name.Type()), types.Type(types.NewPointer(itself(s.name.Type())))
	switch _, byValue := placeIn(types.NewMethodSet(value)); {
	case !types.Implements(pointer, iface):
		want := strings.TrimPrefix(types.TypeString(iface.Method(0).Signature(), c.short), "func")
		c.found(at, what+"."+method.Name()+" is not the method of "+wants, "give it the signature "+method.Name()+want+", and a guard, or another name")
	case byValue && !types.Implements(value, iface):
		c.found(at, what+" is a Score and *"+what+" alone is a "+wants, "give "+method.Name()+" the receiver that the Score's other methods have")
	case !c.isGuarded(s, companion, guards, byValue):
		c.found(at, what+"."+method.Name()+" has no guard", "write beside the type: var _ "+wants+" = "+zero(what, byValue))
	}
}

func zero(what string, byValue bool) string {
	if byValue {
		return what + "{}"
	}
	return "(*" + what + ")(nil)"
}

// isOfAnotherScore tells whether the Score has the method from another one that it embeds, which has the guard.
func (c *checker) isOfAnotherScore(method *types.Func, s score) bool {
	named, ok := pointed(method.Signature().Recv().Type()).(*types.Named)
	if !ok || named.Obj() == s.name {
		return false
	}
	_, isScore := placeOf(named.Origin())
	return isScore
}
