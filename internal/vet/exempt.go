// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package vet

import (
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/tools/go/analysis"
)

const (
	exemption = "//harmony:exempt "
	docFile   = "doc.go"
)

// An Exemption is a package's word that a rule is not for it.
type Exemption struct{ Rule, Reason string }

// Exemptions reads those of the package in a directory: the lines of its doc.go that begin with //harmony:exempt.
// A package without a doc.go has none. An exemption without a reason is an *ExemptionError.
func Exemptions(dir string) (all []Exemption, err error) {
	name := filepath.Join(dir, docFile)
	file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments|parser.PackageClauseOnly)
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the exemptions of a package: %w", err)
	}
	for _, group := range file.Comments {
		for _, comment := range group.List {
			text, ok := strings.CutPrefix(comment.Text, exemption)
			if !ok {
				continue
			}
			rule, reason, _ := strings.Cut(strings.TrimSpace(text), " ")
			if strings.TrimSpace(reason) == "" {
				return nil, &ExemptionError{File: name, Rule: rule}
			}
			all = append(all, Exemption{Rule: rule, Reason: strings.TrimSpace(reason)})
		}
	}
	return all, nil
}

// ExemptionError is an exemption that gives no reason.
type ExemptionError struct{ File, Rule string }

// Error names the file and the rule.
func (e *ExemptionError) Error() string {
	return fmt.Sprintf("%s: an exemption from %q needs a reason: %s%s because…", e.File, e.Rule, exemption, e.Rule)
}

// exempted tells whether the package, or the one that it tests, is exempt from a rule.
func exempted(pass *analysis.Pass, rule string) (bool, error) {
	if len(pass.Files) == 0 {
		return false, nil
	}
	all, err := Exemptions(filepath.Dir(fileOf(pass, pass.Files[0])))
	for _, e := range all {
		if e.Rule == rule {
			return true, err
		}
	}
	return false, err
}
