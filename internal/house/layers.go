// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package house

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

const rootModule = "nationtech.io/harmony"

// A Layer is a row of the table of layers in ARCHITECTURE.md: packages of the root module, given by a
// prefix of their path ("harmony" is the root itself), and the packages of ours that they may import.
type Layer struct {
	Prefix string
	May    []string // prefixes; what has the layer's own prefix is always allowed
	Any    bool     // may import everything
}

// Layers reads the table.
func (t Tree) Layers() (layers []Layer, err error) {
	text, err := t.Read("ARCHITECTURE.md")
	if err != nil {
		return nil, err
	}
	for _, row := range Rows(text, "packages") {
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

// Strays lists the imports between packages of the root module, tests left out, that the layers do not allow,
// and packages that are in no layer.
func (t Tree) Strays(layers []Layer) (strays []string, err error) {
	packages, err := t.Packages(false)
	if err != nil {
		return nil, err
	}
	for _, dir := range slices.Sorted(maps.Keys(packages)) {
		name := strings.TrimPrefix(dir, "./")
		if within(name, "localkube") {
			continue // modules of their own
		}
		if name == "." {
			name = "harmony"
		}
		l, ok := layerOf(layers, name)
		if !ok {
			strays = append(strays, name+" is in no layer")
			continue
		}
		for _, p := range packages[dir] {
			if p == rootModule {
				p = rootModule + "/harmony"
			}
			if to, ours := strings.CutPrefix(p, rootModule+"/"); ours && !l.allows(to) {
				strays = append(strays, fmt.Sprintf("%s may not import %s", name, to))
			}
		}
	}
	return strays, nil
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
