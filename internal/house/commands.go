// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package house

import (
	"fmt"
	"maps"
	"regexp"
	"strings"
)

// A Command is a command line in a block marked console: a line that begins with "$ ", and
// those after it that its last character, a backslash, takes in.
type Command struct {
	File   string
	Line   int // of the block
	Args   []string
	Output []string // the lines that the block shows below it, indented or not
	// NotRun is why nothing runs it: what the comment before the block says after "not run: ".
	NotRun string
	// Files are those that the page tells people to write: the blocks above whose comment is "file NAME".
	Files map[string]string
}

func (c Command) String() string {
	return fmt.Sprintf("%s:%d: %s", c.File, c.Line, strings.Join(c.Args, " "))
}

// Commands lists every command line that the documentation tells people to type, in the order of files
// and lines. The tests of this package run those that end before a place is opened; those of its package e2e run
// each page on a cluster.
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
		files := map[string]string{}
		for _, block := range Blocks(file, text) {
			if name, ok := strings.CutPrefix(block.Of, "file "); ok {
				files = maps.Clone(files)
				files[name] = lines(block.Lines)
			}
			if block.Language == "console" {
				all = append(all, block.commands(files)...)
			}
		}
	}
	return all, nil
}

func (b Block) commands(files map[string]string) (all []Command) {
	reason, given := strings.CutPrefix(b.Of, "not run: ")
	if !given {
		reason = ""
	}
	lines := b.Lines
	for len(lines) > 0 {
		line := lines[0]
		lines = lines[1:]
		if rest, ok := strings.CutPrefix(line, "$ "); ok {
			for strings.HasSuffix(rest, `\`) && len(lines) > 0 {
				rest, lines = strings.TrimSuffix(rest, `\`)+lines[0], lines[1:]
			}
			all = append(all, Command{File: b.File, Line: b.Line, Args: words(rest), NotRun: reason, Files: files})
		} else if len(all) > 0 {
			last := &all[len(all)-1]
			last.Output = append(last.Output, line)
		}
	}
	return all
}

var (
	shownError = regexp.MustCompile(`^error(?:\[(HRM\d{4})\])?:`)
	duration   = regexp.MustCompile(`\d+(?:\.\d+)? ?(?:µs|ms|s|min)\b`)
)

// Fails tells whether the block shows that it ends with an error, and its code if that has one.
func (c Command) Fails() (code string, fails bool) {
	for _, line := range c.Output {
		if m := shownError.FindStringSubmatch(line); m != nil {
			return m[1], true
		}
	}
	return "", false
}

// Unsaid are the lines that the block shows and that were not said. How long something took, and how far apart words
// stand, does not count.
func (c Command) Unsaid(said string) (unsaid []string) {
	said = steady(said)
	for _, line := range c.Output {
		if line != "" && line != "…" && !strings.Contains(said, steady(line)) {
			unsaid = append(unsaid, line)
		}
	}
	return unsaid
}

// steady is a text without what differs from run to run.
func steady(text string) string {
	return strings.Join(strings.Fields(duration.ReplaceAllString(text, "TIME")), " ")
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
