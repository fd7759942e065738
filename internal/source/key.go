// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package source

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Key is a digest of what building a package from this tree reads and people edit: of the tree's own module, and
// of modules that its go.mod replaces by directories, the files of the package and of all packages of theirs that it
// imports, embedded files included and tests left out, with their go.mod and the tree's go.sum. Those pin what comes from
// other modules. It is 32 hexadecimal digits.
func (t Tree) Key(pkg string) (string, error) {
	sum := sha256.New()
	fmt.Fprintf(sum, "%s %s %s\n", t.Module, t.Version, pkg)
	if t.Version == "" {
		files := map[string][sha256.Size]byte{}
		if err := t.read(pkg, files); err != nil {
			return "", fmt.Errorf("read the sources of %s: %w", pkg, err)
		}
		for _, name := range slices.Sorted(maps.Keys(files)) {
			fmt.Fprintf(sum, "%s %x\n", name, files[name])
		}
	}
	return hex.EncodeToString(sum.Sum(nil)[:16]), nil
}

// read notes the digest of each file that a build of pkg reads.
func (t Tree) read(pkg string, files map[string][sha256.Size]byte) error {
	parts, err := t.parts()
	if err != nil {
		return err
	}
	for _, p := range parts {
		if err := p.readMod(files); err != nil {
			return err
		}
	}
	seen := map[string]bool{}
	todo := []string{pkg}
	for len(todo) > 0 {
		next := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		p, ok := partOf(parts, next)
		if seen[next] || !ok {
			continue
		}
		seen[next] = true
		imports, err := p.readPackage(next, files)
		if err != nil {
			return err
		}
		todo = append(todo, imports...)
	}
	return nil
}

// readMod notes what says which other modules a build takes.
func (p part) readMod(files map[string][sha256.Size]byte) error {
	for _, name := range []string{"go.mod", "go.sum"} {
		if name == "go.sum" && p.prefix != "" {
			continue // only that of the tree itself is read
		}
		text, err := os.ReadFile(filepath.Join(p.dir, name))
		if err != nil && !os.IsNotExist(err) {
			return err
		}
		files[p.prefix+name] = sha256.Sum256(text)
	}
	return nil
}

// readPackage notes the files of one package and gives what they import. A package
// that does not exist has no files: the build says so better.
func (p part) readPackage(pkg string, files map[string][sha256.Size]byte) (imports []string, err error) {
	rel := strings.TrimPrefix(strings.TrimPrefix(pkg, p.module), "/")
	entries, err := os.ReadDir(filepath.Join(p.dir, filepath.FromSlash(rel)))
	if err != nil {
		return nil, ignoreMissing(err)
	}
	embeds := false
	for _, e := range entries {
		if e.IsDir() || !compiled(e.Name()) {
			continue
		}
		name := path.Join(rel, e.Name())
		text, err := os.ReadFile(filepath.Join(p.dir, filepath.FromSlash(name)))
		if err != nil {
			return nil, err
		}
		files[p.prefix+name] = sha256.Sum256(text)
		if strings.HasSuffix(name, ".go") {
			imports = append(imports, importsOf(text)...)
			embeds = embeds || bytes.Contains(text, []byte("//go:embed"))
		}
	}
	if embeds {
		err = p.readBelow(rel, files)
	}
	return imports, err
}

// compiled tells whether a build without cgo reads a file of that name.
func compiled(name string) bool {
	switch filepath.Ext(name) {
	case ".go":
		return !strings.HasSuffix(name, "_test.go")
	case ".s", ".h", ".syso":
		return true
	}
	return false
}

// importsOf lists the imports of a Go file, whatever its build constraints. A file
// that does not parse imports nothing: the build says so better.
func importsOf(text []byte) (imports []string) {
	file, err := parser.ParseFile(token.NewFileSet(), "", text, parser.ImportsOnly)
	if err != nil {
		return nil
	}
	for _, i := range file.Imports {
		if p, err := strconv.Unquote(i.Path.Value); err == nil {
			imports = append(imports, p)
		}
	}
	return imports
}

// readBelow notes all files below a directory from which files are embedded. Those of
// modules within it are not part of this one.
func (p part) readBelow(rel string, files map[string][sha256.Size]byte) error {
	return fs.WalkDir(os.DirFS(p.dir), path.Join(".", rel), func(name string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		full := filepath.Join(p.dir, filepath.FromSlash(name))
		if e.IsDir() && name != path.Join(".", rel) && isFile(filepath.Join(full, "go.mod")) {
			return fs.SkipDir
		}
		if !e.Type().IsRegular() || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		text, err := os.ReadFile(full)
		files[p.prefix+name] = sha256.Sum256(text)
		return err
	})
}

func isFile(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular()
}

func ignoreMissing(err error) error {
	if os.IsNotExist(err) {
		return nil
	}
	return err
}
