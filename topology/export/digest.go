// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package export

import (
	"slices"
	"strings"
)

// The digests that a chart can stand in for: SHA-256 gives no more digits, and fewer could be anything.
const (
	leastDigits = 8
	mostDigits  = 64
)

// between takes texts apart that differ, and have nothing in them that is known to: what differs must be digests.
func (c comparison) between(at, a, b string) (parts []part) {
	if a == b {
		if a != "" {
			parts = []part{{literal: a}}
		}
		return parts
	}
	if len(a) != len(b) {
		return c.strange(at, a)
	}
	for from := 0; from < len(a); {
		to := from
		for to < len(a) && isWord(a[to]) == isWord(a[from]) {
			to++
		}
		one, two := a[from:to], b[from:to]
		switch {
		case one == two:
			parts = append(parts, part{literal: one})
		case isDigest(one) && isDigest(two):
			parts = append(parts, part{digest: len(one)})
			if !slices.Contains(c.into.digests, at) {
				c.into.digests = append(c.into.digests, at)
			}
		default:
			return c.strange(at, a)
		}
		from = to
	}
	return joined(parts)
}

// strange notes a difference that nobody understands: it may be a credential in another writing.
func (c comparison) strange(at, a string) []part {
	if !slices.Contains(c.into.strange, at) {
		c.into.strange = append(c.into.strange, at)
	}
	c.into.secret = true
	return []part{{literal: a}}
}

func isWord(b byte) bool {
	return b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z'
}

func isDigest(word string) bool {
	return len(word) >= leastDigits && len(word) <= mostDigits && strings.Trim(word, "0123456789abcdef") == ""
}

// joined puts literals together that stand side by side.
func joined(parts []part) (all []part) {
	for _, p := range parts {
		if last := len(all) - 1; last >= 0 && p.literal != "" && all[last].literal != "" {
			all[last].literal += p.literal
			continue
		}
		all = append(all, p)
	}
	return all
}
