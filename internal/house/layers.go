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

const rootModule = "nationtech.io/harmony"

// A Layer is a row of a table of layers in ARCHITECTURE.md: packages, given by a prefix of their path, and the
// packages of ours that they may import.
type Layer struct {
	Prefix string
	May    []string // prefixes; what has the layer's own prefix is always allowed
	Any    bool     // may import everything
}

// A table has the layers of some directory, relative to which its packages are named.
type table struct {
	first string // the cell that its header begins with
	dir   string // empty for the root module, whose package at the root is called harmony
}

func tables() []table {
	return []table{{first: "packages"}, {first: "packages of localkube", dir: "localkube"}}
}

// Layers reads the table whose header begins with the cell first.
func (t Tree) Layers(first string) (layers []Layer, err error) {
	text, err := t.Read("ARCHITECTURE.md")
	if err != nil {
		return nil, err
	}
	for _, row := range Rows(text, first) {
		if len(row) < 2 {
			continue
		}
		l := Layer{Prefix: strings.Trim(row[0], "`")}
		for _, p := range strings.Split(row[1], ",") {
			switch p = strings.Trim(strings.TrimSpace(p), "`"); p {
			case "nothing":
			case "everything":
				l.Any = true
			default:
				l.May = append(l.May, p)
			}
		}
		layers = append(layers, l)
	}
	return layers, nil
}

// Strays lists the imports between packages of ours, tests left out, that the layers do not allow, and packages that
// are in no layer. Examples are someone else's.
func (t Tree) Strays() (strays []string, err error) {
	packages, err := t.Packages(false)
	if err != nil {
		return nil, err
	}
	for _, table := range tables() {
		layers, err := t.Layers(table.first)
		if err != nil {
			return nil, err
		}
		for _, dir := range slices.Sorted(maps.Keys(packages)) {
			if within(dir, examples) || table.dir == "" && within(dir, "localkube") || !within(dir, table.dir) && table.dir != "" {
				continue
			}
			strays = append(strays, table.strays(layers, dir, packages[dir])...)
		}
	}
	return strays, nil
}

func (b table) strays(layers []Layer, dir string, imports []string) (strays []string) {
	name := b.name(rootModule + "/" + dir)
	if dir == "." {
		dir = name
	}
	l, ok := layerOf(layers, name)
	if !ok {
		return []string{dir + " is in no layer"}
	}
	for _, p := range imports {
		if within(p, rootModule) && !l.allows(b.name(p)) {
			strays = append(strays, fmt.Sprintf("%s may not import %s", dir, p))
		}
	}
	return strays
}

// name is what the table calls a package. One outside of its directory keeps its whole path, which no layer allows.
func (b table) name(pkg string) string {
	base := path.Join(rootModule, b.dir)
	switch pkg = path.Clean(pkg); {
	case pkg == base:
		return "harmony"
	case within(pkg, base):
		return strings.TrimPrefix(pkg, base+"/")
	}
	return pkg
}

// layerOf is the layer with the longest prefix of the package.
func layerOf(layers []Layer, name string) (best Layer, ok bool) {
	for _, l := range layers {
		if within(name, l.Prefix) && len(l.Prefix) > len(best.Prefix) {
			best, ok = l, true
		}
	}
	return best, ok
}

func (l Layer) allows(to string) bool {
	return l.Any || within(to, l.Prefix) || slices.ContainsFunc(l.May, func(p string) bool { return within(to, p) })
}
