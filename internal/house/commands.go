// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package house

import (
	"fmt"
	"strings"
)

// A Command is a command line in a block marked console: a line that begins with "$ ", and
// those after it that its last character, a backslash, takes in.
type Command struct {
	File   string
	Line   int // of the block
	Args   []string
	Output []string // the lines that the block shows below it, indented or not
}

func (c Command) String() string {
	return fmt.Sprintf("%s:%d: %s", c.File, c.Line, strings.Join(c.Args, " "))
}

// Commands lists every command line that the documentation tells people to type, in the order of files
// and lines. An e2e test with a cluster at hand runs those that need one.
func (t Tree) Commands() (all []Command, err error) {
	files, err := t.Markdown()
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		text, err := t.Read(file)
		if err != nil {
			return nil, err
		}
		for _, block := range Blocks(file, text) {
			if block.Language == "console" {
				all = append(all, block.commands()...)
			}
		}
	}
	return all, nil
}

func (b Block) commands() (all []Command) {
	lines := b.Lines
	for len(lines) > 0 {
		line := lines[0]
		lines = lines[1:]
		if rest, ok := strings.CutPrefix(line, "$ "); ok {
			for strings.HasSuffix(rest, `\`) && len(lines) > 0 {
				rest, lines = strings.TrimSuffix(rest, `\`)+lines[0], lines[1:]
			}
			all = append(all, Command{File: b.File, Line: b.Line, Args: words(rest)})
		} else if len(all) > 0 {
			last := &all[len(all)-1]
			last.Output = append(last.Output, line)
		}
	}
	return all
}

// words splits a command line at spaces, as a shell does with single quotes and comments, and with nothing else.
func words(line string) (words []string) {
	var word strings.Builder
	in, quoted := false, false
	end := func() {
		if in {
			words = append(words, word.String())
		}
		word.Reset()
		in = false
	}
	for _, r := range line {
		switch {
		case r == '\'':
			in, quoted = true, !quoted
		case r == ' ' && !quoted:
			end()
		case r == '#' && !quoted && !in:
			return words
		default:
			in = true
			word.WriteRune(r)
		}
	}
	end()
	return words
}
