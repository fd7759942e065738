// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package house

import (
	"fmt"
	"slices"
	"strings"
)

const dependencies = "docs/dependencies.md"

// unexplained lists modules that code imports and that have no reason on their page, and reasons for none.
func (t Tree) unexplained() (found []string, err error) {
	modules, err := t.Modules()
	if err != nil {
		return nil, err
	}
	page, err := t.Read(dependencies)
	if err != nil {
		return nil, err
	}
	for _, m := range modules {
		_, section, ok := strings.Cut(page, "\n## "+m.Path+"\n")
		if !ok {
			found = append(found, "there is no section "+m.Path)
			continue
		}
		section, _, _ = strings.Cut(section, "\n## ")
		reasons := map[string]string{}
		for _, row := range Rows(section, "module") {
			name := strings.Trim(row[0], "`")
			reasons[name] = row[len(row)-1]
			if !slices.Contains(m.Direct, name) {
				found = append(found, fmt.Sprintf("%s: nothing imports %s", m.Path, name))
			}
		}
		for _, name := range m.Direct {
			if reasons[name] == "" {
				found = append(found, fmt.Sprintf("%s: there is no reason for %s", m.Path, name))
			}
		}
	}
	return found, nil
}
