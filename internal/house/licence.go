// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package house

import (
	"path"
	"slices"
	"strings"
)

// licences lists Go, shell and make files that do not begin with the licence, or have it twice.
func (t Tree) licences() (found []string, err error) {
	files, err := t.files(func(name string) bool {
		base := path.Base(name)
		return slices.Contains([]string{".go", ".sh"}, path.Ext(base)) || base == "Makefile" || strings.HasPrefix(name, ".ci/")
	})
	if err != nil {
		return nil, err
	}
	for _, name := range files {
		text, err := t.Read(name)
		if err != nil {
			return nil, err
		}
		if strings.HasPrefix(text, "#!") {
			_, text, _ = strings.Cut(text, "\n")
		}
		lines := strings.Split(text, "\n")
		for i, want := range header(path.Ext(name)) {
			switch count := strings.Count(text, want+"\n"); {
			case count == 0 || len(lines) <= i || lines[i] != want:
				found = append(found, name+": it does not begin with "+want)
			case count > 1:
				found = append(found, name+": it says more than once "+want)
			}
		}
	}
	return found, nil
}

func header(ext string) []string {
	mark := "# "
	if ext == ".go" {
		mark = "// "
	}
	return []string{mark + "Copyright 2026 The Harmony Authors", mark + "SPDX-License-Identifier: Apache-2.0"}
}
