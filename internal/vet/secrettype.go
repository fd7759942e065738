// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package vet

import "go/types"

const (
	secretPackage = framework + "/secret"
	coreObjects   = "k8s.io/api/core/v1"
	// deepest is how many levels of a type are looked through; a generic type may have no end.
	deepest = 24
)

// holds names the secret that a value of this type has in it, as far as fields, elements and pointers lead; empty when
// there is none. What an interface or a function holds is not known.
func (r *reveals) holds(t types.Type) string {
	if t == nil {
		return ""
	}
	held, known := r.held[t]
	if !known {
		held = r.holdsPast(t, map[types.Type]bool{}, deepest)
		r.held[t] = held
	}
	return held
}

func (r *reveals) holdsPast(t types.Type, seen map[types.Type]bool, depth int) string {
	t = types.Unalias(t)
	switch {
	case isNamed(t, secretPackage, "Value"):
		return "a secret.Value"
	case isNamed(t, coreObjects, "Secret"):
		return "a Secret of Kubernetes"
	case seen[t] || depth == 0:
		return ""
	}
	seen[t] = true
	switch u := t.Underlying().(type) {
	case *types.Pointer:
		return r.holdsPast(u.Elem(), seen, depth-1)
	case *types.Slice:
		return r.holdsPast(u.Elem(), seen, depth-1)
	case *types.Array:
		return r.holdsPast(u.Elem(), seen, depth-1)
	case *types.Chan:
		return r.holdsPast(u.Elem(), seen, depth-1)
	case *types.Map:
		if key := r.holdsPast(u.Key(), seen, depth-1); key != "" {
			return key
		}
		return r.holdsPast(u.Elem(), seen, depth-1)
	case *types.Struct:
		return r.holdsIn(u, seen, depth)
	case *types.Tuple:
		for v := range u.Variables() {
			if held := r.holdsPast(v.Type(), seen, depth-1); held != "" {
				return held
			}
		}
	}
	return ""
}

func (r *reveals) holdsIn(s *types.Struct, seen map[types.Type]bool, depth int) string {
	for field := range s.Fields() {
		if pathOf(field.Pkg()) == secretPackage && field.Name() == "box" {
			return "a secret.Value" // a type that was made of it
		}
		if r.marks[place{field: field.Origin()}].there() {
			return "the revealed text of a secret in its field " + field.Name()
		}
		if held := r.holdsPast(field.Type(), seen, depth-1); held != "" {
			return held
		}
	}
	return ""
}

// carriesText tells of types that carry text as it is: strings and bytes, and lists and maps of them.
func carriesText(t types.Type) bool {
	if t == nil {
		return false
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return u.Info()&types.IsString != 0 || u.Kind() == types.Uint8 || u.Kind() == types.Int32
	case *types.Slice:
		return carriesText(u.Elem())
	case *types.Array:
		return carriesText(u.Elem())
	case *types.Map:
		return carriesText(u.Elem()) || carriesText(u.Key())
	case *types.Pointer:
		return carriesText(u.Elem())
	}
	return false
}
