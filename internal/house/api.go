// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package house

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
)

// APIRecord is the directory that records what is exported: a file for each public package, a line for each declaration.
const APIRecord = "api"

// private are the directories whose packages nobody is invited to import: programs, what they alone are made of,
// examples, and everything called internal.
func private() []string {
	return []string{"cmd", "fleet", "docs", examples, "internal", "localkube"}
}

// public lists the directories of the packages of the root module that others are invited to import.
func (t Tree) public() (dirs []string, err error) {
	sources, err := t.sources()
	if err != nil {
		return nil, err
	}
	for _, s := range sources {
		dir := path.Dir(s.name)
		first, _, _ := strings.Cut(dir, "/")
		if s.isTest() || s.syntax.Name.Name == "main" || slices.Contains(private(), first) ||
			slices.Contains(strings.Split(dir, "/"), "internal") || slices.Contains(dirs, dir) {
			continue
		}
		dirs = append(dirs, dir)
	}
	return dirs, nil
}

// API gives the record of the exported API, by the names of its files.
func (t Tree) API() (map[string]string, error) {
	dirs, err := t.public()
	if err != nil {
		return nil, err
	}
	var patterns []string
	for _, dir := range dirs {
		patterns = append(patterns, "./"+dir)
	}
	config := &packages.Config{Dir: t.Root, Env: append(os.Environ(), "GOWORK=off"), Mode: packages.NeedName | packages.NeedImports | packages.NeedTypes | packages.NeedExportFile}
	loaded, err := packages.Load(config, patterns...)
	if err != nil {
		return nil, fmt.Errorf("load the public packages: %w", err)
	}
	files := map[string]string{}
	for _, p := range loaded {
		for _, problem := range p.Errors {
			err = errors.Join(err, problem)
		}
		if err == nil {
			files[recordOf(p.PkgPath)] = lines(declarations(p.Types))
		}
	}
	if err != nil {
		return nil, fmt.Errorf("load the public packages: %w", err)
	}
	return files, nil
}

func recordOf(pkg string) string {
	name := table{}.name(pkg)
	return APIRecord + "/" + name + ".txt"
}

// apiChanges compares the record with the API: a line for each declaration that was added, removed or changed.
func (t Tree) apiChanges() (found []string, err error) {
	want, err := t.API()
	if err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		found = append(found, t.stale(name, want[name])...)
	}
	have, err := t.files(func(name string) bool { return within(name, APIRecord) && path.Ext(name) == ".txt" })
	for _, name := range have {
		if _, ok := want[name]; !ok {
			found = append(found, name+": there is no such package any more")
		}
	}
	return found, err
}
