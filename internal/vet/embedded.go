// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package vet

import (
	"fmt"
	"go/ast"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/analysis"
)

const embed = "//go:embed"

// embedded reports the manifests that the file takes into the program, whatever their names end in. Documentation may
// show some.
func (c *checker) embedded(file *ast.File) error {
	dir := filepath.Dir(fileOf(c.Pass, file))
	for _, group := range file.Comments {
		for _, comment := range group.List {
			patterns, ok := strings.CutPrefix(comment.Text, embed)
			if !ok {
				continue
			}
			names, err := matched(dir, patterns)
			if err != nil {
				return fmt.Errorf("look at embedded files: %w", err)
			}
			for _, name := range names {
				if filepath.Ext(name) != ".md" && c.holdsManifest(filepath.Join(dir, name)) {
					c.found(declaredAfter(file, comment), "the manifest of a Kubernetes object is embedded: "+filepath.ToSlash(name), noManifest)
				}
			}
		}
	}
	return nil
}

// declaredAfter is the variable that a directive is for.
func declaredAfter(file *ast.File, comment *ast.Comment) analysis.Range {
	for _, d := range file.Decls {
		d, ok := d.(*ast.GenDecl)
		if !ok || d.End() < comment.End() {
			continue
		}
		for _, spec := range d.Specs {
			if spec.Pos() > comment.End() {
				return spec
			}
		}
	}
	return comment
}

// matched lists the files that the patterns of a go:embed stand for, relative to its directory.
func matched(dir, patterns string) (names []string, err error) {
	for _, pattern := range strings.Fields(patterns) {
		if unquoted, err := strconv.Unquote(pattern); err == nil {
			pattern = unquoted
		}
		roots, err := filepath.Glob(filepath.Join(dir, filepath.FromSlash(strings.TrimPrefix(pattern, "all:"))))
		if err != nil {
			return nil, err
		}
		for _, root := range roots {
			err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
				if err != nil || !e.Type().IsRegular() {
					return err
				}
				name, err := filepath.Rel(dir, path)
				if err == nil && !slices.Contains(names, name) {
					names = append(names, name)
				}
				return err
			})
			if err != nil {
				return nil, err
			}
		}
	}
	return names, nil
}

// longest is more than a manifest has.
const longest = 4 << 20

func (c *checker) holdsManifest(name string) bool {
	info, err := os.Stat(name)
	if err != nil || !info.Mode().IsRegular() || info.Size() > longest {
		return false
	}
	text, err := os.ReadFile(name)
	return err == nil && isManifest(string(text), c.domain())
}

// named reports the name of a file beside the package or in its testdata that is a manifest.
func (c *checker) named(at ast.Expr, text string) {
	if !slices.Contains([]string{".yaml", ".yml", ".json"}, filepath.Ext(text)) || filepath.IsAbs(text) {
		return
	}
	dir := filepath.Dir(c.Fset.PositionFor(at.Pos(), false).Filename)
	for _, name := range []string{filepath.Join(dir, text), filepath.Join(dir, "testdata", text)} {
		if c.holdsManifest(name) {
			c.found(at, "the manifest of a Kubernetes object is in "+text, buildInScore)
			return
		}
	}
}
