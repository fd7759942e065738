// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package vet

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/types"
	"slices"

	"golang.org/x/tools/go/analysis"
)

// Rules lists the analyzers, in the order of their names.
func Rules() []*analysis.Analyzer {
	return []*analysis.Analyzer{BareWait, Companions, KubeObjects, SecretPrint, SmokeTest, ThroughPlace, TypedErrors}
}

const pages = "https://nationtech.io/harmony/docs/rules/"

// A rule makes an analyzer: its name is that of its page in docs/rules, why is the reason for it.
func rule(name, doc, why string, run func(*checker) error) *analysis.Analyzer {
	return &analysis.Analyzer{
		Name: name, Doc: doc, URL: pages + name + ".md",
		Run: func(pass *analysis.Pass) (any, error) {
			exempt, err := exempted(pass, name)
			if exempt || err != nil {
				return nil, err
			}
			c := &checker{Pass: pass, rule: name, why: why}
			if err := run(c); err != nil {
				return nil, err
			}
			c.reportAll()
			return nil, nil
		},
	}
}

// A checker looks at one package for one rule.
type checker struct {
	*analysis.Pass
	rule, why string
	findings  []analysis.Diagnostic
	given     *values
	bodyOf    map[types.Object]*ast.BlockStmt
	naptime   map[types.Object]bool // which of those only pause
}

// values are what the variables of the package are given; they are collected once.
func (c *checker) values() values {
	if c.given == nil {
		v := valuesOf(c.TypesInfo, c.Files)
		c.given = &v
	}
	return *c.given
}

// found notes what stands at a place against the rule, and what to do instead.
func (c *checker) found(at analysis.Range, what, instead string) {
	c.findings = append(c.findings, analysis.Diagnostic{
		Pos: at.Pos(), End: at.End(), Category: c.rule,
		Message: fmt.Sprintf("%s: %s\n\twhy: %s\n\tfix: %s\n\tsee: docs/rules/%s.md", c.rule, what, c.why, instead, c.rule),
	})
}

// reportAll reports the findings in the order in which one reads, each once.
func (c *checker) reportAll() {
	slices.SortStableFunc(c.findings, func(a, b analysis.Diagnostic) int {
		return cmp.Or(cmp.Compare(a.Pos, b.Pos), cmp.Compare(a.Message, b.Message))
	})
	for i, f := range c.findings {
		if i == 0 || f.Pos != c.findings[i-1].Pos || f.Message != c.findings[i-1].Message {
			c.Report(f)
		}
	}
}
