// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"nationtech.io/harmony/diag"
)

// nearEnough is how many letters a name may differ in from one that is proposed instead, as cobra has it.
const nearEnough = 2

// Near are the names that may have been meant, the nearest first.
func Near(name string, names []string) (found []string) {
	distances := map[string]int{}
	for _, n := range names {
		if d := distance(name, n); d <= nearEnough || len(name) > nearEnough && strings.HasPrefix(n, name) {
			distances[n] = d
			found = append(found, n)
		}
	}
	slices.SortStableFunc(found, func(a, b string) int { return distances[a] - distances[b] })
	return found
}

// distance counts the letters that must be put in, left out or changed to make one name of the other (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := before
			if a[i] != b[j] {
				change++
			}
			before = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// wrongFlag explains why flags could not be parsed.
func wrongFlag(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) {
		return diag.New(diag.BadFlag, cmd.CommandPath()).Because(err).Try(cmd.CommandPath() + " --help")
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	d := diag.New(diag.UnknownFlag, cmd.CommandPath()).Because(err)
	for _, name := range Near(unknown.GetSpecifiedName(), names) {
		d.Try("did you mean --" + name + "?")
	}
	return d.Try(cmd.CommandPath() + " --help")
}
