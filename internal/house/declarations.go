// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package house

import (
	"fmt"
	"go/types"
	"slices"
	"strings"
)

// declarations lists what a package exports, a line each, sorted, each beginning with the package: functions,
// types, their exported fields and methods (those of embedded types too), constants with their values, variables.
func declarations(pkg *types.Package) []string {
	d := declared{pkg: pkg}
	for _, name := range pkg.Scope().Names() {
		if o := pkg.Scope().Lookup(name); o.Exported() {
			d.object(o)
		}
	}
	slices.Sort(d.lines)
	return slices.Compact(d.lines)
}

type declared struct {
	pkg   *types.Package
	lines []string
}

func (d *declared) say(format string, args ...any) {
	d.lines = append(d.lines, "pkg "+table{}.name(d.pkg.Path())+", "+fmt.Sprintf(format, args...))
}

func (d *declared) object(o types.Object) {
	switch o := o.(type) {
	case *types.Const:
		d.say("const %s %s = %s", o.Name(), d.text(o.Type()), o.Val().ExactString())
	case *types.Var:
		d.say("var %s %s", o.Name(), d.text(o.Type()))
	case *types.Func:
		d.say("func %s%s", o.Name(), d.signature(o.Signature()))
	case *types.TypeName:
		d.typeName(o)
	}
}

func (d *declared) typeName(o *types.TypeName) {
	if o.IsAlias() {
		d.say("type %s = %s", o.Name(), d.text(types.Unalias(o.Type())))
		return
	}
	named := o.Type().(*types.Named)
	name := o.Name() + d.parameters(named.TypeParams())
	switch u := named.Underlying().(type) {
	case *types.Struct:
		d.say("type %s struct", name)
		d.fields(o.Name(), u)
	case *types.Interface:
		d.interfaceType(name, o.Name(), u)
		return
	default:
		d.say("type %s %s", name, d.text(u))
	}
	d.methods(o.Name(), named)
}

func (d *declared) fields(of string, s *types.Struct) {
	for i := range s.NumFields() {
		switch f := s.Field(i); {
		case !f.Exported():
		case f.Embedded():
			d.say("type %s struct, embedded %s%s", of, d.text(f.Type()), tag(s.Tag(i)))
		default:
			d.say("type %s struct, %s %s%s", of, f.Name(), d.text(f.Type()), tag(s.Tag(i)))
		}
	}
}

func tag(text string) string {
	if text == "" {
		return ""
	}
	return " `" + text + "`"
}

// interfaceType lists methods one by one, since adding one breaks whoever implements it. What has a
// method that is not exported can be implemented by nobody else.
func (d *declared) interfaceType(name, plain string, i *types.Interface) {
	closed := ""
	for m := range i.Methods() {
		if !m.Exported() {
			closed = ", closed"
			continue
		}
		d.say("type %s interface, %s%s", plain, m.Name(), d.signature(m.Signature()))
	}
	if !i.IsMethodSet() {
		closed = " " + d.text(i)
	}
	d.say("type %s interface%s", name, closed)
}

// methods lists those that a value has, and those that only a pointer to one has.
func (d *declared) methods(of string, named *types.Named) {
	values := types.NewMethodSet(named)
	for m := range types.NewMethodSet(types.NewPointer(named)).Methods() {
		if !m.Obj().Exported() {
			continue
		}
		receiver := "*" + of
		if values.Lookup(m.Obj().Pkg(), m.Obj().Name()) != nil {
			receiver = of
		}
		d.say("method (%s) %s%s", receiver, m.Obj().Name(), d.signature(m.Type().(*types.Signature)))
	}
}

// parameters are type parameters with their constraints; empty when there are none.
func (d *declared) parameters(list *types.TypeParamList) string {
	var all []string
	for p := range list.TypeParams() {
		all = append(all, p.Obj().Name()+" "+d.text(p.Constraint()))
	}
	if all == nil {
		return ""
	}
	return "[" + strings.Join(all, ", ") + "]"
}

func (d *declared) signature(s *types.Signature) string {
	return d.parameters(s.TypeParams()) + strings.TrimPrefix(d.text(types.NewSignatureType(nil, nil, nil, s.Params(), s.Results(), s.Variadic())), "func")
}

// text is a type as its package writes it: names of parameters say nothing to a compiler, and are left out.
func (d *declared) text(t types.Type) string {
	return types.TypeString(nameless(t), types.RelativeTo(d.pkg))
}
