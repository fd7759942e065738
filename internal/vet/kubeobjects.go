// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package vet

import (
	"go/ast"
	"go/types"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// KubeObjects keeps Kubernetes objects in the packages of Scores.
var KubeObjects = rule("kubeobjects",
	"report Kubernetes objects that are built outside of a Score's package",
	"what builds its own objects proves or ships another deploy than the Scores do",
	kubeObjects)

const buildInScore = "place the Score that has the object; if there is none, write a Score in a package of its own"

func kubeObjects(c *checker) error {
	home, err := c.atHome()
	if err != nil {
		return err
	}
	for _, file := range c.Files {
		test := isTest(c.Pass, file)
		if home && !test {
			continue // this is where they belong
		}
		c.importsOfObjects(file, home)
		c.builtObjects(file, home)
		if err := c.manifests(file, home); err != nil {
			return err
		}
	}
	return nil
}

// atHome tells whether the package, or the one that it tests from outside, implements a Score. A command is no home,
// whatever it implements.
func (c *checker) atHome() (bool, error) {
	name, outside := strings.CutSuffix(c.Pkg.Name(), "_test")
	switch {
	case name == "main" || len(c.Files) == 0:
		return false, nil
	case outside:
		return implemented(filepath.Dir(fileOf(c.Pass, c.Files[0])))
	}
	for _, s := range scores(c.Pkg, shipped(c.Pass)) {
		// A Score of another package that is only embedded makes no home.
		if f := methodOf(s.name.Type(), "Interpret"); f != nil && f.Pkg() == c.Pkg {
			return true, nil
		}
	}
	return false, nil
}

// objectPackages have types of Kubernetes objects, and what builds such.
var objectPackages = []string{
	"k8s.io/api/",
	"k8s.io/apiextensions-apiserver/pkg/apis/",
	"k8s.io/kube-aggregator/pkg/apis/",
	"k8s.io/kubernetes/pkg/apis/",
	untyped,
	appliers,
}

const (
	untyped  = "k8s.io/apimachinery/pkg/apis/meta/v1/unstructured/"
	appliers = "k8s.io/client-go/applyconfigurations/"
)

func hasObjects(path string) bool {
	for _, p := range objectPackages {
		if strings.HasPrefix(path+"/", p) {
			return true
		}
	}
	return false
}

// importsOfObjects reports imports of objects. Tests of a Score may import types, in order to read.
func (c *checker) importsOfObjects(file *ast.File, home bool) {
	for _, i := range file.Imports {
		path, err := strconv.Unquote(i.Path.Value)
		if err != nil || !hasObjects(path) {
			continue
		}
		builds := strings.HasPrefix(path+"/", untyped) || strings.HasPrefix(path, appliers)
		switch {
		case !home:
			c.found(i, "import of "+path+" in a package that implements no Score", buildInScore)
		case builds:
			c.found(i, "import of "+path+" in a test", "look at the objects that the Score gives, by their types")
		}
	}
}

// isObject tells whether t is a structure or map of Kubernetes' objects.
func isObject(t types.Type) bool {
	named, ok := types.Unalias(t).(*types.Named)
	if !ok || !hasObjects(pathOf(named.Obj().Pkg())) {
		return false
	}
	switch named.Underlying().(type) {
	case *types.Struct, *types.Map:
		return true
	}
	return false
}

// imports tells whether the file imports the package of t itself, which is reported already.
func imports(file *ast.File, t types.Type) bool {
	path := pathOf(types.Unalias(t).(*types.Named).Obj().Pkg())
	for _, i := range file.Imports {
		if i.Path.Value == strconv.Quote(path) {
			return true
		}
	}
	return false
}

func (c *checker) built(at analysis.Range, t types.Type) {
	c.found(at, "a "+types.TypeString(types.Unalias(t), types.RelativeTo(c.Pkg))+" is built outside of a Score's code", buildInScore)
}
