// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"encoding/json"
	"slices"
	"strings"
)

const (
	// maxDepth bounds how deep a message nests; ours need three levels.
	maxDepth = 16
	// maxFields bounds how many fields an object has: more than any of ours.
	maxFields = 64
)

// A walker goes over the tokens of a message, of which a fleet sends many: it makes nothing but a list of names. What it sees is
// right if the text is JSON. Whether it is, it leaves to encoding/json, which refuses all else afterwards.
type walker struct {
	known func(string) bool
	open  []level
	names []string // of the fields of all objects that are open
}

// A level is an object or a list that is open.
type level struct {
	object bool
	named  bool // the next text is the name of a field
	first  int  // where the names of its fields begin
}

// walk refuses fields that are not known or given twice, nulls, and what nests too deep.
func walk(text string, known func(string) bool) *Refusal {
	w := walker{known, make([]level, 0, maxDepth), make([]string, 0, maxDepth)}
	for at := 0; at < len(text); at++ {
		switch c := text[at]; c {
		case '{', '[':
			if len(w.open) == maxDepth {
				return refuse(CodeMalformed, "nested deeper than %d levels", maxDepth)
			}
			w.open = append(w.open, level{c == '{', c == '{', len(w.names)})
		case '}', ']':
			w.close()
		case ',':
			w.next()
		case 'n': // no other literal, and no number, has that letter
			return refuse(CodeMalformed, "null at byte %d; leave the field out instead", at)
		case '"':
			end := at + 1 + length(text[at+1:])
			if r := w.text(text[at:min(end+1, len(text))]); r != nil {
				return r
			}
			at = end
		}
	}
	return nil
}

func (w *walker) close() {
	if n := len(w.open); n > 0 {
		w.names, w.open = w.names[:w.open[n-1].first], w.open[:n-1]
	}
}

func (w *walker) next() {
	if n := len(w.open); n > 0 {
		w.open[n-1].named = w.open[n-1].object
	}
}

// length is how far the text goes on that has begun, without the mark at its end.
func length(rest string) int {
	for at := 0; at < len(rest); at++ {
		switch rest[at] {
		case '"':
			return at
		case '\\':
			at++
		}
	}
	return len(rest)
}

// text takes a text with its marks, which may be the name of a field.
func (w *walker) text(quoted string) *Refusal {
	n := len(w.open)
	if n == 0 || !w.open[n-1].named {
		return nil
	}
	w.open[n-1].named = false
	name := strings.Trim(quoted, `"`)
	if strings.Contains(name, `\`) {
		if err := json.Unmarshal([]byte(quoted), &name); err != nil {
			return malformed(err)
		}
	}
	fields := w.names[w.open[n-1].first:]
	switch {
	case !w.known(name):
		return refuse(CodeMalformed, "field %.40q is not known in any place of such a message", name)
	case slices.Contains(fields, name):
		return refuse(CodeMalformed, "field %q is given twice", name)
	case len(fields) == maxFields:
		return refuse(CodeMalformed, "more than %d fields in one object", maxFields)
	}
	w.names = append(w.names, name)
	return nil
}
