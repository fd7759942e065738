// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package house

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
)

// longComment is how many lines the comment of a package may have outside doc.go.
const longComment = 10

// packageComments lists packages without a comment, with two, and with a long one outside doc.go.
func (t Tree) packageComments() (found []string, err error) {
	sources, err := t.sources()
	if err != nil {
		return nil, err
	}
	commented := map[string][]string{}
	for _, s := range sources {
		dir := path.Dir(s.name)
		if _, seen := commented[dir]; !seen && !s.isTest() {
			commented[dir] = nil
		}
		text := s.syntax.Doc.Text()
		if s.isTest() || text == "" {
			continue
		}
		commented[dir] = append(commented[dir], path.Base(s.name))
		if lines := strings.Count(text, "\n"); lines > longComment && path.Base(s.name) != "doc.go" {
			found = append(found, fmt.Sprintf("%s: the comment of the package has %d lines and stands outside doc.go", s.name, lines))
		}
	}
	for _, dir := range slices.Sorted(maps.Keys(commented)) {
		switch files := commented[dir]; len(files) {
		case 0:
			found = append(found, dir+": the package has no comment")
		case 1:
		default:
			found = append(found, fmt.Sprintf("%s: the package has a comment in each of %s", dir, strings.Join(files, ", ")))
		}
	}
	return found, nil
}
