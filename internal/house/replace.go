// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package house

import (
	"fmt"

	"golang.org/x/mod/modfile"
)

// examples is where modules stand that are written as someone else would write them.
const examples = "examples"

// pinned is where modules stand that are required by nobody: each pins programs, and builds them as their own modules say.
const pinned = "tools"

// replaces lists the replace directives of all modules but the examples and those that pin programs.
func (t Tree) replaces() (found []string, err error) {
	mods, err := t.GoMods()
	if err != nil {
		return nil, err
	}
	for _, file := range mods {
		mod, err := t.mod(file)
		if err != nil {
			return nil, err
		}
		if within(file, examples) || within(file, pinned) {
			continue
		}
		for _, r := range mod.Replace {
			found = append(found, fmt.Sprintf("%s:%d: replace %s => %s", file, r.Syntax.Start.Line, r.Old.Path, r.New.Path))
		}
	}
	return found, nil
}

func (t Tree) mod(file string) (*modfile.File, error) {
	text, err := t.Read(file)
	if err != nil {
		return nil, err
	}
	mod, err := modfile.Parse(file, []byte(text), nil)
	if err != nil {
		return nil, fmt.Errorf("read a go.mod: %w", err)
	}
	return mod, nil
}
