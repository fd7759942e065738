// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package vet

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// structs are types whose values dial by themselves unless one of these fields says how.
var structs = map[string]map[string][]string{
	"net/http":                     {"Client": {"Transport"}, "Transport": {"DialContext", "Dial", "DialTLSContext", "DialTLS"}},
	"net/http/httputil":            {"ReverseProxy": {"Transport"}},
	"github.com/nats-io/nats.go":   {"Options": {"CustomDialer", "InProcessServer"}},
	"github.com/redis/go-redis/v9": {"Options": {"Dialer"}},
	"github.com/gorilla/websocket": {"Dialer": {"NetDial", "NetDialContext", "NetDialTLSContext"}},
}

// dialsByStruct reports a value whose fields do not say how to dial, where nothing in the same function says so later.
func (c *checker) dialsByStruct(in ast.Decl, at ast.Node, t types.Type, literal *ast.CompositeLit) {
	named, ok := types.Unalias(t).(*types.Named)
	if !ok {
		return
	}
	o := named.Obj()
	fields, ok := structs[pathOf(o.Pkg())][o.Name()]
	if !ok || literal != nil && c.sets(literal, fields) || c.setLater(in, named, fields) {
		return
	}
	c.found(at, o.Pkg().Name()+"."+o.Name()+" dials by itself: it has no "+fields[0], dialThere)
}

// sets tells whether a literal gives one of the fields a value.
func (c *checker) sets(literal *ast.CompositeLit, fields []string) bool {
	for _, e := range literal.Elts {
		pair, ok := e.(*ast.KeyValueExpr)
		if !ok {
			return true // without names all fields are given
		}
		if id, ok := pair.Key.(*ast.Ident); ok && slices.Contains(fields, id.Name) && !c.TypesInfo.Types[pair.Value].IsNil() {
			return true
		}
	}
	return false
}

// setLater tells whether one of the fields is assigned.
func (c *checker) setLater(in ast.Decl, t *types.Named, fields []string) bool {
	return mentions(in, func(n ast.Node) bool {
		a, ok := n.(*ast.AssignStmt)
		return ok && a.Tok == token.ASSIGN && slices.ContainsFunc(a.Lhs, func(e ast.Expr) bool {
			s, ok := ast.Unparen(e).(*ast.SelectorExpr)
			return ok && slices.Contains(fields, s.Sel.Name) && types.Identical(pointed(c.TypesInfo.TypeOf(s.X)), t)
		})
	})
}
