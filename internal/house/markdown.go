// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package house

import (
	"regexp"
	"strings"
)

// A Block is fenced text in a Markdown file.
type Block struct {
	File     string
	Line     int    // of the opening fence, from 1
	Language string // what follows the fence
	Of       string // the comment before it: the file that it quotes, or what it is the output of
	Lines    []string
}

const fence = "```"

// Blocks gives the fenced blocks of a Markdown text.
func Blocks(file, text string) (found []Block) {
	var open *Block
	of := ""
	for i, line := range strings.Split(text, "\n") {
		switch {
		case open == nil && strings.HasPrefix(line, fence):
			open = &Block{File: file, Line: i + 1, Language: strings.TrimPrefix(line, fence), Of: of}
		case open != nil && line == fence:
			found, open, of = append(found, *open), nil, ""
		case open != nil:
			open.Lines = append(open.Lines, line)
		case strings.HasPrefix(line, "<!-- ") && strings.HasSuffix(line, " -->"):
			of = strings.TrimSuffix(strings.TrimPrefix(line, "<!-- "), " -->")
		case strings.TrimSpace(line) != "":
			of = ""
		}
	}
	return found
}

var (
	link = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	code = regexp.MustCompile("`[^`]*`")
)

// Links gives the targets of the links of a Markdown text, code left out.
func Links(text string) (targets []string) {
	inFence := false
	for _, line := range strings.Split(text, "\n") {
		if strings.HasPrefix(line, fence) {
			inFence = !inFence
			continue
		}
		if inFence {
			continue
		}
		for _, m := range link.FindAllStringSubmatch(code.ReplaceAllString(line, "code"), -1) {
			targets = append(targets, m[1])
		}
	}
	return targets
}

// Rows gives the cells of the table whose header begins with the cell first, without header and rule.
func Rows(text, first string) (rows [][]string) {
	in := false
	for _, line := range strings.Split(text, "\n") {
		if !strings.HasPrefix(line, "|") {
			in = false
			continue
		}
		var cells []string
		for _, cell := range strings.Split(strings.Trim(line, "|"), "|") {
			cells = append(cells, strings.TrimSpace(cell))
		}
		switch {
		case cells[0] == first:
			in = true
		case in && strings.Trim(cells[0], "-:") != "":
			rows = append(rows, cells)
		}
	}
	return rows
}
