// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"slices"
	"strings"

	"nationtech.io/harmony/internal/house"
	"nationtech.io/harmony/internal/vet"
)

// missing lists the rules of which no case injects a violation: those of harmony-vet and those of internal/house.
func missing(cases []proofCase) (rules []string) {
	var covered []string
	for _, c := range cases {
		rule, _, _ := strings.Cut(c.want[0], ":") // a finding begins with the name of its rule
		covered = append(covered, rule)
	}
	for _, rule := range vet.Rules() {
		rules = append(rules, rule.Name)
	}
	for _, rule := range house.Rules() {
		rules = append(rules, rule.Name)
	}
	return slices.DeleteFunc(rules, func(name string) bool { return slices.Contains(covered, name) })
}
