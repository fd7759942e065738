// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package house

import (
	"fmt"
	"os"
	"path"
	"strings"
)

// deadLinks lists relative links that lead nowhere.
func (t Tree) deadLinks() (found []string, err error) {
	err = t.eachPage(func(file, text string) error {
		for _, target := range Links(text) {
			target, _, _ = strings.Cut(target, "#")
			if target == "" || strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
				continue
			}
			if _, err := os.Stat(t.path(path.Join(path.Dir(file), target))); err != nil {
				found = append(found, fmt.Sprintf("%s: %s leads nowhere", file, target))
			}
		}
		return nil
	})
	return found, err
}

// misquotes lists Go code that does not stand in the file that it quotes. A block of Go below a comment with the
// name of a file quotes that file, which the compiler sees.
func (t Tree) misquotes() (found []string, err error) {
	err = t.eachPage(func(file, text string) error {
		for _, block := range Blocks(file, text) {
			if !strings.HasSuffix(block.Of, ".go") {
				continue
			}
			source, err := t.Read(block.Of)
			if err != nil {
				return err
			}
			source = strings.Join(strings.Fields(source), " ")
			for _, part := range strings.Split(strings.Join(block.Lines, "\n"), "\n\n") {
				if !strings.Contains(source, strings.Join(strings.Fields(part), " ")) {
					found = append(found, fmt.Sprintf("%s:%d: %s does not have: %s", file, block.Line, block.Of, strings.TrimSpace(part)))
				}
			}
		}
		return nil
	})
	return found, err
}

func (t Tree) eachPage(do func(file, text string) error) error {
	files, err := t.Markdown()
	if err != nil {
		return err
	}
	for _, file := range files {
		text, err := t.Read(file)
		if err != nil {
			return err
		}
		if err := do(file, text); err != nil {
			return err
		}
	}
	return nil
}
