// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package house

// A Rule is something that a machine can hold this repository to.
type Rule struct {
	Name string                       // also of its example of a violation in testdata/rules
	Why  string                       // the reason for it
	Fix  string                       // what to do instead
	Look func(Tree) ([]string, error) // what stands against it in a checkout, a line each
}

// Says is what a person is told about a finding.
func (r Rule) Says(finding string) string {
	return r.Name + ": " + finding + "\n\twhy: " + r.Why + "\n\tfix: " + r.Fix
}
