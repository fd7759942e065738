// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package vet

import (
	"go/ast"
	"go/types"
	"slices"
)

// ownWays are names of packages that reach the world by a way of their own, whatever is done with them.
var ownWays = map[string][]string{
	"net": {"Dial", "DialTimeout", "DialTCP", "DialUDP", "DialIP", "DialUnix", "Dialer", "Resolver", "DefaultResolver",
		"ListenPacket", "ListenUDP", "ListenIP", "ListenMulticastUDP", "LookupHost", "LookupIP", "LookupAddr", "LookupCNAME", "LookupMX", "LookupNS", "LookupSRV", "LookupTXT", "LookupPort"},
	"crypto/tls":                 {"Dial", "DialWithDialer", "Dialer"},
	"net/http":                   {"Get", "Head", "Post", "PostForm", "DefaultClient", "DefaultTransport"},
	"net/rpc":                    {"Dial", "DialHTTP", "DialHTTPPath"},
	"net/rpc/jsonrpc":            {"Dial"},
	"net/smtp":                   {"Dial", "SendMail"},
	"net/textproto":              {"Dial"},
	"log/syslog":                 {"Dial", "New", "NewLogger"},
	"database/sql":               {"Open"},
	"os":                         {"StartProcess"},
	"syscall":                    {"Connect", "Exec", "ForkExec", "StartProcess"},
	"golang.org/x/sys/unix":      {"Connect", "Exec"},
	"golang.org/x/crypto/ssh":    {"Dial"},
	"github.com/jackc/pgx/v5":    {"Connect"},
	"github.com/nats-io/nats.go": {"GetDefaultOptions"},
}

// clients are functions that dial by themselves unless one of their options says how.
var clients = map[string]map[string][]string{
	"github.com/nats-io/nats.go": {"Connect": {"SetCustomDialer", "InProcessServer"}},
	"google.golang.org/grpc": {
		"NewClient": {"WithContextDialer"}, "Dial": {"WithContextDialer"}, "DialContext": {"WithContextDialer"},
	},
}

const dialThere = "connections come from the place: on.Kubernetes().Dial(ctx, service), handed to the client as its dialer"

// dials reports connections that are made without the place.
func (c *checker) dials(file *ast.File) {
	calls := map[*ast.Ident]*ast.CallExpr{}
	for _, d := range file.Decls {
		ast.Inspect(d, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				calls[called(n)] = n // is seen before its name
				if c.isBuiltin(n, "new") {
					c.dialsByStruct(d, n, c.made(n), nil)
				}
			case *ast.Ident:
				c.dialsByName(n, calls[n])
			case *ast.CompositeLit:
				c.dialsByStruct(d, n, pointed(c.TypesInfo.TypeOf(n)), n)
			case *ast.ValueSpec:
				if n.Type != nil && n.Values == nil {
					c.dialsByStruct(d, n, c.TypesInfo.TypeOf(n.Type), nil)
				}
			}
			return true
		})
	}
}

// dialsByName reports the mention of a way that is not the place's.
func (c *checker) dialsByName(id *ast.Ident, call *ast.CallExpr) {
	o := c.TypesInfo.Uses[id]
	if o == nil || o.Pkg() == nil || o.Parent() != o.Pkg().Scope() {
		return
	}
	path := pathOf(o.Pkg())
	if slices.Contains(ownWays[path], o.Name()) {
		c.found(id, o.Pkg().Name()+"."+o.Name()+" does not go through the Score's place", dialThere)
		return
	}
	options, ok := clients[path][o.Name()]
	if ok && (call == nil || !c.optioned(call, path, options)) {
		c.found(id, o.Pkg().Name()+"."+o.Name()+" dials by itself: none of its options is "+o.Pkg().Name()+"."+options[0], dialThere)
	}
}

// optioned tells whether one of the options is among the arguments, or may be in what the arguments do not show.
func (c *checker) optioned(call *ast.CallExpr, path string, options []string) bool {
	isOption := func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		return ok && c.isFunc(id, path, options)
	}
	hidden := call.Ellipsis.IsValid()
	for _, arg := range call.Args {
		if mentions(arg, isOption) {
			return true
		}
		option, ok := ast.Unparen(arg).(*ast.CallExpr)
		known := ok && called(option) != nil && pathOf(packageOf(c.TypesInfo.Uses[called(option)])) == path
		if t := c.TypesInfo.TypeOf(arg); !known && !isText(t) {
			hidden = true
		}
	}
	if !hidden {
		return false
	}
	return slices.ContainsFunc(c.Files, func(f *ast.File) bool { return !isTest(c.Pass, f) && mentions(f, isOption) })
}

func isText(t types.Type) bool {
	basic, ok := t.Underlying().(*types.Basic)
	return ok && basic.Info()&types.IsString != 0
}
