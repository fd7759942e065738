// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package vet

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"regexp"
	"slices"
	"strings"
)

var (
	groups   = regexp.MustCompile(key("apiVersion") + `["']?([^\s"',}]*)`)
	kinds    = regexp.MustCompile(key("kind") + `["']?([^\s"',}]*)`)
	metadata = regexp.MustCompile(key("metadata"))
	// documents are apart by a line of their own.
	documents = regexp.MustCompile(`(?m)^---`)
)

// key matches one of YAML, at the beginning of a line, or of JSON.
func key(name string) string { return `(?m)(?:^|[{,])[\s-]*["']?` + name + `["']?[ \t]*:[ \t]*` }

// isManifest tells whether a text has the manifest of a Kubernetes object among its documents.
func isManifest(text, domain string) bool {
	return slices.ContainsFunc(documents.Split(text, -1), func(d string) bool { return isObjectText(d, domain) })
}

// isObjectText tells whether a document is the manifest of a Kubernetes object. A file of configuration has a version and a
// kind too, but no metadata, and "Config" at the end of its kind, or the group of an audit log, which no API server
// serves. Kinds of one's own are no Kubernetes objects: those whose group is in the domain that the package is in.
func isObjectText(text, domain string) bool {
	versions, kinds := groups.FindAllStringSubmatch(text, -1), kinds.FindAllStringSubmatch(text, -1)
	if len(kinds) == 0 || !foreign(versions, domain) {
		return false
	}
	for _, kind := range kinds {
		if !strings.HasSuffix(kind[1], "Config") && !strings.HasSuffix(kind[1], "Configuration") {
			return true
		}
	}
	return metadata.MatchString(text)
}

func foreign(versions [][]string, domain string) bool {
	for _, v := range versions {
		group, _, _ := strings.Cut(v[1], "/")
		if group != auditGroup && group != domain && !strings.HasSuffix(group, "."+domain) {
			return true
		}
	}
	return false
}

// auditGroup is the group of an API server's audit policy and of the lines of its audit log.
const auditGroup = "audit.k8s.io"

// domain is the one that the package is in.
func (c *checker) domain() string {
	domain, _, _ := strings.Cut(pathOf(c.Pkg), "/")
	return domain
}

const noManifest = "place the Score that makes the object; what a test compares with can be a golden file in testdata"

// manifests reports those that stand in the file as text, and those that it embeds or names.
func (c *checker) manifests(file *ast.File, home bool) error {
	ast.Inspect(file, func(n ast.Node) bool {
		e, ok := n.(ast.Expr)
		if !ok {
			return true
		}
		text := c.text(e)
		if isManifest(text, c.domain()) {
			c.found(e, "the manifest of a Kubernetes object", noManifest)
			return false
		}
		if !home {
			c.named(e, text)
		}
		return true
	})
	return c.embedded(file)
}

// text is what is known of the text that an expression makes. Names stand for nothing: what they mean is looked at where
// it is declared.
func (c *checker) text(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		return c.constant(e)
	case *ast.BinaryExpr:
		if text := c.constant(e); text != "" || e.Op != token.ADD {
			return text
		}
		return c.text(ast.Unparen(e.X)) + c.text(ast.Unparen(e.Y))
	case *ast.CompositeLit:
		return c.lines(e)
	}
	return ""
}

// lines is the text of a list of strings, line by line, or of a map as JSON has it.
func (c *checker) lines(list *ast.CompositeLit) string {
	t := c.TypesInfo.TypeOf(list)
	if t == nil {
		return ""
	}
	var b strings.Builder
	switch t.Underlying().(type) {
	case *types.Map:
		for _, e := range list.Elts {
			if pair, ok := e.(*ast.KeyValueExpr); ok {
				b.WriteString(c.constant(pair.Key) + ": " + c.constant(pair.Value) + "\n")
			}
		}
	case *types.Slice, *types.Array:
		for _, e := range list.Elts {
			// One that has lines of its own, or is whole, is a text of its own.
			if line := c.text(e); !strings.Contains(line, "\n") && !isManifest(line, c.domain()) {
				b.WriteString(line + "\n")
			}
		}
	}
	return b.String()
}

func (c *checker) constant(e ast.Expr) string {
	if v := c.TypesInfo.Types[e].Value; v != nil && v.Kind() == constant.String {
		return constant.StringVal(v)
	}
	return ""
}
