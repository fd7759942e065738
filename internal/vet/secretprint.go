// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package vet

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
)

// SecretPrint keeps secrets out of what people and programs read.
var SecretPrint = rule("secretprint",
	"report secrets that reach fmt, log, log/slog, errors, JSON, Diagnostics or events",
	"what is printed is logged, quoted and kept, and who may read that is not who may know the secret",
	checkSecretPrint)

const hideIt = "leave it out, or say what it is for: its name, its length, that it is there; Reveal is for where it must be written"

// printers are the functions that show their arguments to someone.
var printers = set{
	"fmt":                {"Print*", "Sprint*", "Fprint*", "Append*", "Errorf"},
	"log":                {"*"},
	"log/slog":           {"*"},
	"errors":             {"New"},
	"encoding/json":      {"Marshal*", "Encode"},
	"encoding/json/v2":   {"Marshal*"},
	framework + "/diag":  {"*"},
	framework + "/event": {"*"},
}

func checkSecretPrint(c *checker) error {
	r := revealsOf(c)
	for _, file := range r.files {
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				r.printed(n)
			case *ast.CompositeLit:
				r.shown(n)
			case *ast.AssignStmt:
				r.set(n)
			}
			return true
		})
	}
	return nil
}

// printed looks at the arguments of a call that shows them.
func (r *reveals) printed(call *ast.CallExpr) {
	for _, name := range []string{"panic", "print", "println"} {
		if r.isBuiltin(call, name) {
			for _, arg := range call.Args {
				r.look(arg, name)
			}
		}
	}
	for _, f := range r.functions(call.Fun) {
		if !printers.has(f) {
			continue
		}
		harmless := r.harmless(call, f)
		for i, arg := range call.Args {
			if p := parameter(f.Signature(), i); p != nil && shows(element(p.Type())) && !slices.Contains(harmless, arg) {
				r.look(arg, usual(f))
			}
		}
	}
}

// shows tells whether a parameter is for something to be shown, and not for a writer, a context or a handler.
func shows(t types.Type) bool {
	i, ok := t.Underlying().(*types.Interface)
	return !ok || i.Empty() || isError(t) || isNamed(t, framework+"/event", "Event")
}

// harmless are the arguments of which a format shows the type or the address.
func (r *reveals) harmless(call *ast.CallExpr, f *types.Func) (all []ast.Expr) {
	params := f.Signature().Params()
	at := params.Len() - 2 // the format stands before the operands
	if !f.Signature().Variadic() || at < 0 || params.At(at).Name() != "format" || len(call.Args) <= at {
		return nil
	}
	format, constant := r.constantText(call.Args[at])
	verbs, plain := verbs(format)
	if !constant || !plain {
		return nil
	}
	for i, operand := range call.Args[at+1:] {
		if i < len(verbs) && (verbs[i] == 'T' || verbs[i] == 'p') {
			all = append(all, operand)
		}
	}
	return all
}

// shown looks at literals of what is shown later: Diagnostics, events, changes, and errors of whatever type.
func (r *reveals) shown(literal *ast.CompositeLit) {
	name := isShown(r.TypesInfo.TypeOf(literal))
	if name == "" {
		return
	}
	for _, e := range literal.Elts {
		if pair, ok := e.(*ast.KeyValueExpr); ok {
			e = pair.Value
		}
		r.look(e, name)
	}
}

// set looks at fields of the same that are set one by one.
func (r *reveals) set(s *ast.AssignStmt) {
	if len(s.Lhs) != len(s.Rhs) {
		return
	}
	for i, to := range s.Lhs {
		if field, ok := ast.Unparen(to).(*ast.SelectorExpr); ok && r.TypesInfo.Selections[field] != nil {
			if name := isShown(pointed(r.TypesInfo.TypeOf(field.X))); name != "" {
				r.look(s.Rhs[i], name)
			}
		}
	}
}

func isShown(t types.Type) string {
	named, ok := types.Unalias(t).(*types.Named)
	if !ok {
		return ""
	}
	name := named.Obj().Name()
	switch path := pathOf(named.Obj().Pkg()); {
	case path == framework+"/diag" || path == framework+"/event" || path == framework && name == "Change",
		isError(t) || isError(types.NewPointer(t)):
		return named.Obj().Pkg().Name() + "." + name
	}
	return ""
}

// look reports an expression when it has a secret in it.
func (r *reveals) look(e ast.Expr, reaches string) {
	if m := r.text(e); m.there() {
		r.found(e, "the revealed text of a secret reaches "+reaches+r.revealedAt(e, m.from()), hideIt)
		return
	}
	if held := r.holds(r.TypesInfo.TypeOf(e)); held != "" {
		r.found(e, fmt.Sprintf("a value that is or has %s reaches %s", held, reaches), hideIt)
	}
}

// revealedAt says where, unless one sees it.
func (r *reveals) revealedAt(e ast.Expr, from token.Pos) string {
	if e.Pos() <= from && from < e.End() {
		return ""
	}
	at := r.Fset.Position(from)
	return fmt.Sprintf("; it comes from %s:%d", filepath.Base(at.Filename), at.Line)
}
