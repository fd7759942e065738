// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package house

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
)

// A listed package is what go list says of one.
type listed struct {
	ImportPath, Dir   string
	Standard, DepOnly bool
	Imports           []string
	Module            *struct{ Path string }
}

func (p *listed) marked() (bool, error) { return marked(p.Dir) }

// A graph has the packages of a module, and all that they import for other than tests.
type graph struct {
	order []*listed
	by    map[string]*listed
}

// load asks go list about the module in a directory.
func load(dir string) (graph, error) {
	list := exec.Command("go", "list", "-deps", "-json=ImportPath,Dir,Standard,DepOnly,Imports,Module", "./...") //nolint:noctx // an interrupt reaches it as it reaches us
	list.Dir, list.Env = dir, append(os.Environ(), "GOWORK=off")
	var problems bytes.Buffer
	list.Stderr = &problems
	out, err := list.Output()
	if err != nil {
		return graph{}, fmt.Errorf("list the packages of a module: %w\n%s", err, problems.String())
	}
	g := graph{by: map[string]*listed{}}
	for lines := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := lines.Decode(&p); errors.Is(err, io.EOF) {
			return g, nil
		} else if err != nil {
			return graph{}, fmt.Errorf("read what go list says: %w", err)
		}
		g.order = append(g.order, &p)
		g.by[p.ImportPath] = &p
	}
}

// own are the packages of the module itself.
func (g graph) own() (all []*listed) {
	for _, p := range g.order {
		if !p.DepOnly {
			all = append(all, p)
		}
	}
	return all
}

// walk visits what p reaches, nearest first and each once, with the shortest chain of imports that leads there.
// Behind a package it goes on if visit says so.
func (g graph) walk(p *listed, visit func(*listed, []string) (bool, error)) error {
	type step struct {
		at    *listed
		chain []string
	}
	seen := map[*listed]bool{p: true}
	for next := []step{{p, []string{p.ImportPath}}}; len(next) > 0; next = next[1:] {
		s := next[0]
		on, err := visit(s.at, s.chain)
		if err != nil {
			return err
		}
		if !on {
			continue
		}
		for _, name := range s.at.Imports {
			if q := g.by[name]; q != nil && !q.Standard && !seen[q] {
				seen[q] = true
				next = append(next, step{q, append(s.chain[:len(s.chain):len(s.chain)], name)})
			}
		}
	}
	return nil
}
