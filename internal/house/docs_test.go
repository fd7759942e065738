// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package house_test

import (
	"strings"
	"testing"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/internal/house"
)

var tree = house.Tree{Root: "../.."}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := tree.Read(name)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestAPageOfACodeSaysWhatHowAndWhatToDo(t *testing.T) {
	for _, code := range diag.Codes() {
		text := read(t, "docs/errors/"+string(code)+".md")
		for _, section := range []string{"## What it means", "## How it comes about", "## What to do"} {
			if strings.Count(text, "\n"+section+"\n\n") != 1 {
				t.Errorf("%s: no section %q", code, section)
			}
		}
		for i, line := range strings.Split(text, "\n") {
			if len([]rune(line)) > 100 {
				t.Errorf("%s.md:%d: longer than 100 columns", code, i+1)
			}
		}
	}
}
