// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package house

import (
	"bytes"
	"debug/buildinfo"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

const (
	agentModules = agentProgram + "/testdata/modules.txt"
	// agentSize is how many bytes the agent's program may have: it is downloaded by devices.
	agentSize = 12 << 20
)

// agent compares what the agent's program is made of with what it may be.
func (t Tree) agent() (found []string, err error) {
	size, modules, err := t.program(agentProgram)
	if err != nil {
		return nil, err
	}
	if size > agentSize {
		found = append(found, fmt.Sprintf("the program is larger than %d bytes", agentSize))
	}
	found = append(found, t.stale(agentModules, lines(modules))...)
	g, err := load(t.Root)
	if err != nil {
		return nil, err
	}
	err = g.walk(g.by[rootModule+"/"+agentProgram], func(q *listed, chain []string) (bool, error) {
		if unfitBecause(q.ImportPath) != "" {
			return false, nil // what it reaches in turn says nothing new
		}
		for _, i := range q.Imports {
			if why := unfitBecause(i); why != "" {
				found = append(found, fmt.Sprintf("%s imports %s: %s", strings.Join(chain, " imports "), i, why))
			}
		}
		return true, nil
	})
	return found, err
}

// unfitBecause is why the agent must not reach a package; empty when it may.
func unfitBecause(pkg string) string {
	switch {
	case within(pkg, "k8s.io"), within(pkg, "sigs.k8s.io"):
		return "the agent talks to NATS only; a Kubernetes library would double its size"
	case pkg == "net/http/pprof", pkg == "expvar":
		return "the health endpoint shows nothing but health"
	}
	return ""
}

// program builds a program as a release is built, and gives its size and the modules that it links, ours left out.
func (t Tree) program(dir string) (size int64, modules []string, err error) {
	binary, done, err := t.build(dir)
	if err != nil {
		return 0, nil, err
	}
	defer done()
	info, err := os.Stat(binary)
	if err != nil {
		return 0, nil, fmt.Errorf("look at a program: %w", err)
	}
	build, err := buildinfo.ReadFile(binary)
	if err != nil {
		return 0, nil, fmt.Errorf("read what a program links: %w", err)
	}
	for _, m := range build.Deps {
		modules = append(modules, m.Path)
	}
	slices.Sort(modules)
	return info.Size(), modules, nil
}

// build builds a program into a directory that done takes away.
func (t Tree) build(dir string) (binary string, done func(), err error) {
	made, err := os.MkdirTemp("", "harmony-house-")
	if err != nil {
		return "", nil, fmt.Errorf("build a program: %w", err)
	}
	done = func() { _ = os.RemoveAll(made) } // in the directory for temporary files
	binary = filepath.Join(made, filepath.Base(dir))
	build := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", binary, ".") //nolint:noctx // an interrupt reaches it as it reaches us
	build.Dir, build.Env = t.path(dir), append(os.Environ(), "CGO_ENABLED=0")
	var said bytes.Buffer
	build.Stdout, build.Stderr = &said, &said
	if err := build.Run(); err != nil {
		done()
		return "", nil, fmt.Errorf("build a program: %w\n%s", err, said.String())
	}
	return binary, done, nil
}
