// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"path"
	"path/filepath"
	"slices"

	"nationtech.io/harmony/internal/house"
)

// unread are the modules whose code is not looked at, only their sums.
var unread = []string{
	"localkube/dns",       // three main functions around CoreDNS, whose 800 packages would have to be compiled for them
	"localkube/runtime",   // no code: it pins programs
	"tools",               // no code either
	"tools/controllergen", // nor here
	"tools/helm",          // nor here
	"tools/hydra",         // nor here
}

// reproducible makes the same sources be the same program in any checkout: go vet remembers what the same program has
// said.
var reproducible = []string{"-trimpath", "-buildvcs=false"}

// steps are all there is to check, the longest first: what runs side by side then ends together.
func steps() (all []step, err error) {
	mods, err := house.Tree{Root: "."}.GoMods()
	if err != nil {
		return nil, fmt.Errorf("list the modules: %w", err)
	}
	var (
		harmonyVet  = &tool{name: "harmony-vet", dir: ".", pkg: "./cmd/harmony-vet", flags: reproducible}
		golangci    = &tool{name: "golangci-lint", dir: "tools", pkg: "github.com/golangci/golangci-lint/v2/cmd/golangci-lint"}
		govulncheck = &tool{name: "govulncheck", dir: "tools", pkg: "golang.org/x/vuln/cmd/govulncheck"}
		database    = &database{url: "https://vuln.go.dev"}
	)
	all = []step{{name: "house", dir: ".", command: []string{"go", "test", "-count=1", "./internal/house"}}}
	for _, mod := range mods {
		dir := path.Dir(mod)
		if slices.Contains(unread, dir) {
			continue
		}
		up, err := filepath.Rel(dir, ".")
		if err != nil {
			return nil, fmt.Errorf("find the way back from a module: %w", err)
		}
		of := func(t *tool, args ...string) []string { return append([]string{filepath.Join(up, t.path())}, args...) }
		all = append(all,
			step{name: below("golangci-lint", dir), dir: dir, tool: golangci, command: of(golangci, "run", "--allow-parallel-runners", "./...")},
			step{name: below("harmony-vet", dir), dir: dir, tool: harmonyVet, command: []string{"go", "vet", "-vettool=" + of(harmonyVet)[0], "./..."}},
			step{name: below("vet", dir), dir: dir, command: []string{"go", "vet", "./..."}},
			step{name: below("govulncheck", dir), dir: dir, tool: govulncheck, command: of(govulncheck, "./..."), unable: database.unable},
		)
	}
	for _, mod := range mods {
		dir := path.Dir(mod)
		all = append(all, step{name: below("verify", dir), dir: dir, command: []string{"go", "mod", "verify"}})
	}
	return append(all, step{name: "gofmt", dir: ".", command: []string{"gofmt", "-l", "."}, silent: true}), nil
}

// below names a step in a module; that of the root module has the check's name alone.
func below(check, dir string) string { return path.Join(check, dir) }
