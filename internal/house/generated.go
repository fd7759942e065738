// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package house

import (
	"maps"
	"path"
	"strings"
)

const regenerate = "go run ./internal/house/generate"

// Generated gives the text of every file that is made from the others, by its name.
func (t Tree) Generated() (map[string]string, error) {
	files, err := t.API()
	if err != nil {
		return nil, err
	}
	if files[DecisionIndex], err = t.Index(); err != nil {
		return nil, err
	}
	_, modules, err := t.program(agentProgram)
	if err != nil {
		return nil, err
	}
	files[agentModules] = lines(modules)
	kinds, err := t.kinds()
	maps.Copy(files, kinds)
	return files, err
}

// strayGenerated lists files whose names say that they are generated and that Generated does not make, or
// would make otherwise, and the page about the fleet's kinds if it would be another.
func (t Tree) strayGenerated() (found []string, err error) {
	files, err := t.files(func(name string) bool { return strings.HasPrefix(path.Base(name), "zz_generated.") })
	if err != nil || len(files) == 0 {
		return nil, err
	}
	made, err := t.Generated()
	if err != nil {
		return nil, err
	}
	for _, name := range files {
		if want, ok := made[name]; ok {
			found = append(found, t.stale(name, want)...)
		} else {
			found = append(found, name+": nothing makes it")
		}
	}
	if want, ok := made[kindsPage]; ok {
		found = append(found, t.stale(kindsPage, want)...)
	}
	return found, nil
}

// stale compares a file that is made with what would be made now: a line for each difference.
func (t Tree) stale(name, want string) []string {
	got, err := t.Read(name)
	if err != nil {
		return []string{name + ": it is not there"}
	}
	if got == want {
		return nil
	}
	var found []string
	before, now := set(got), set(want)
	for line := range strings.Lines(got) {
		if !now[line] {
			found = append(found, name+": - "+strings.TrimSuffix(line, "\n"))
		}
	}
	for line := range strings.Lines(want) {
		if !before[line] {
			found = append(found, name+": + "+strings.TrimSuffix(line, "\n"))
		}
	}
	if found == nil {
		found = []string{name + ": the same lines in another order"}
	}
	return found
}

func set(text string) map[string]bool {
	all := map[string]bool{}
	for line := range strings.Lines(text) {
		all[line] = true
	}
	return all
}

func lines(of []string) string { return strings.Join(append(of, ""), "\n") }
