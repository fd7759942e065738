// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"

	"nationtech.io/harmony/internal/vet"
)

// missing lists the rules of which no case injects a violation: analyzers, and tests of internal/house that hold
// the repository to a rule. Those are the ones whose comment does not say that they prove a check on a fixture.
func missing(cases []proofCase) (rules []string, err error) {
	covered := map[string]bool{}
	for _, c := range cases {
		switch c.check[0] {
		case "vet":
			rule, _, _ := strings.Cut(c.want[0], ":")
			covered[rule] = true
		case "house":
			for _, test := range c.check[1:] {
				covered[test] = true
			}
		}
	}
	for _, rule := range vet.Rules() {
		if !covered[rule.Name] {
			rules = append(rules, rule.Name)
		}
	}
	tests, err := houseRules()
	if err != nil {
		return nil, err
	}
	return append(rules, slices.DeleteFunc(tests, func(name string) bool { return covered[name] })...), nil
}

// fixture begins the comment of a test that looks at a fixture and not at the repository.
const fixture = "fixture:"

func houseRules() (tests []string, err error) {
	files, err := filepath.Glob("internal/house/*_test.go")
	if err != nil {
		return nil, fmt.Errorf("list the tests of internal/house: %w", err)
	}
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, fmt.Errorf("read the tests of internal/house: %w", err)
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if ok && strings.HasPrefix(f.Name.Name, "Test") && f.Name.Name != "TestMain" && !strings.Contains(f.Doc.Text(), fixture) {
				tests = append(tests, f.Name.Name)
			}
		}
	}
	return tests, nil
}
