// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package vet

import (
	"go/ast"
	"go/types"
	"strconv"
	"strings"
)

// ThroughPlace keeps Scores to the capabilities of their place.
var ThroughPlace = rule("throughplace",
	"report what a Score's package does to the world other than through the Score's place",
	"a Score that knows only its place can be planned, and runs on every place that has what it asks for",
	throughPlace)

func throughPlace(c *checker) error {
	all := scores(c.Pkg, shipped(c.Pass))
	if len(all) == 0 {
		return nil
	}
	for _, s := range all {
		c.placeIsInterface(s)
	}
	var files []*ast.File
	for _, file := range c.Files {
		if !isTest(c.Pass, file) {
			files = append(files, file)
		}
	}
	for _, file := range files {
		c.importsOfTools(file)
		c.dials(file)
	}
	newFlow(c, files, all).assertions()
	return nil
}

// placeIsInterface reports a Score whose place is a type, not what it needs of one.
func (c *checker) placeIsInterface(s score) {
	if types.IsInterface(s.place) {
		return
	}
	at := methodOf(s.name.Type(), "Interpret")
	if at.Pkg() != c.Pkg {
		return
	}
	c.found(span{at.Pos(), len(at.Name())}, s.name.Name()+" is placed on "+types.TypeString(s.place, types.RelativeTo(c.Pkg))+", which is no interface",
		"name what it needs: type Place interface { kube.Place; … }")
}

// tools reach the world beside the place: what they do instead of it, by the prefix of their path.
var tools = []struct{ path, instead string }{
	{"os/exec", "a program runs on a place: ask for the capability that does what it does, or write one below capability/"},
	{"golang.org/x/sys/execabs", "a program runs on a place: ask for the capability that does what it does, or write one below capability/"},
	{"k8s.io/client-go", throughKube},
	{"k8s.io/kubectl", throughKube},
	{"k8s.io/cli-runtime", throughKube},
	{"sigs.k8s.io/controller-runtime", throughKube},
}

const throughKube = "embed kube.Place in the Score's place: on.Kubernetes() applies, watches, reads, reaches and removes"

func (c *checker) importsOfTools(file *ast.File) {
	for _, i := range file.Imports {
		path, err := strconv.Unquote(i.Path.Value)
		if err != nil {
			continue
		}
		for _, tool := range tools {
			if path == tool.path || strings.HasPrefix(path, tool.path+"/") {
				c.found(i, "a Score's package imports "+path, tool.instead)
			}
		}
	}
}
