// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package house

import (
	"fmt"
	"slices"
	"strings"
)

const (
	// Marker stands in the doc.go of a package that runs on a device or in a cluster.
	Marker       = "//harmony:runtime"
	agentProgram = "cmd/harmony-fleet-agent"
)

// Runtime lists the ways in which packages of the module in dir that are marked as runtime reach the framework:
// a package of Harmony's own module that is not marked. Each is told as the chain of imports that leads there.
// It holds for anyone's module. Tests may import what they like.
func Runtime(dir string) (found []string, err error) {
	g, err := load(dir)
	if err != nil {
		return nil, err
	}
	for _, p := range g.own() {
		if marked, err := p.marked(); err != nil || !marked {
			if err != nil {
				return nil, err
			}
			continue
		}
		reached, err := g.framework(p)
		if err != nil {
			return nil, err
		}
		for _, chain := range reached {
			found = append(found, fmt.Sprintf("%s reaches the framework: %s", p.ImportPath, strings.Join(chain, " imports ")))
		}
	}
	return found, nil
}

// framework gives the shortest chain of imports to each package of the framework that p reaches first. What another
// marked package of Harmony's reaches is told of that one.
func (g graph) framework(p *listed) (chains [][]string, err error) {
	err = g.walk(p, func(q *listed, chain []string) (bool, error) {
		if q == p || q.Module == nil || q.Module.Path != rootModule {
			return true, nil
		}
		marked, err := q.marked()
		if err == nil && !marked {
			chains = append(chains, chain)
		}
		return false, err
	})
	return chains, err
}

// runtimes looks at every module that has a marked package.
func (t Tree) runtimes() (found []string, err error) {
	modules, err := t.markedModules()
	if err != nil {
		return nil, err
	}
	for _, dir := range modules {
		some, err := Runtime(t.path(dir))
		if err != nil {
			return nil, err
		}
		found = append(found, some...)
	}
	misplaced, err := t.misplacedMarkers()
	return append(found, misplaced...), err
}

// markedModules are the directories of the modules that have a marked package.
func (t Tree) markedModules() (dirs []string, err error) {
	packages, err := t.markedPackages()
	if err != nil {
		return nil, err
	}
	mods, err := t.GoMods()
	if err != nil {
		return nil, err
	}
	for _, dir := range packages {
		if root := home(dir, mods); !slices.Contains(dirs, root) {
			dirs = append(dirs, root)
		}
	}
	return dirs, nil
}
