// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package diag

import (
	"slices"
	"strings"
)

// Near are the names that may have been meant by one that nobody knows, the nearest first: those that differ from it in two letters
// at most, or in a third of its letters, and those that begin with it. Capitals do not count.
func Near(name string, names []string) (found []string) {
	name = strings.ToLower(name)
	enough := max(2, len(name)/3)
	distances := map[string]int{}
	for _, n := range names {
		low := strings.ToLower(n)
		if d := distance(name, low); d <= enough || len(name) > 2 && strings.HasPrefix(low, name) {
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
