// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// isText tells whether s is 1 to limit bytes of valid UTF-8.
func isText(s string, limit int) bool { return s != "" && len(s) <= limit && utf8.ValidString(s) }

// isPrintable keeps out what would move the cursor of whoever looks at it.
func isPrintable(s string) bool {
	return utf8.ValidString(s) && !slices.ContainsFunc([]rune(s), func(r rune) bool { return !unicode.IsPrint(r) })
}

// note is a text for a person on one line, cut after limit bytes and not within a character. What cannot be printed, and what
// would move the cursor, becomes a question mark, white space a space: a device must not be able to write other lines of what
// its people see.
func note(text string, limit int) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsPrint(r):
			return r
		case unicode.IsSpace(r):
			return ' '
		}
		return '?'
	}, strings.ToValidUTF8(text, "?"))
	return clip(text, limit)
}

// clip cuts s after limit bytes, not within a character.
func clip(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit]
}
