// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package build

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"nationtech.io/harmony/localkube/internal/fault"
	"nationtech.io/harmony/localkube/internal/image"
	"nationtech.io/harmony/localkube/internal/state"
)

// Progress says how far a build is.
type Progress struct {
	What  string // the piece
	Done  int    // packages
	Total int
}

// Programs are the programs of a cluster, built.
type Programs struct {
	Dirs   map[string]string        `json:"dirs"`   // a directory each: engine, shim, runc, plugins
	Images map[string]image.Archive `json:"images"` // coredns, pause, probe
}

// Plan is what there is to build.
type Plan struct {
	cache   cache
	sources sources
	hashes  map[string]string // piece to hash
	missing []piece
}

// NewPlan looks at the sources and the cache. source is the directory of our
// sources, or empty to look for them.
func NewPlan(ctx context.Context, source string) (*Plan, error) {
	c, err := defaultCache()
	if err != nil {
		return nil, err
	}
	found, err := findSources(ctx, source)
	if err != nil {
		return nil, err
	}
	p := &Plan{cache: c, sources: found, hashes: map[string]string{}}
	version := goVersion(ctx, found[mainModule])
	for _, piece := range pieces() {
		hash, err := piece.hash(found[piece.module], version)
		if err != nil {
			return nil, err
		}
		p.hashes[piece.name] = hash
		if !c.has(piece.name, hash) {
			p.missing = append(p.missing, piece)
		}
	}
	return p, nil
}

// goVersion is the version of the Go that would build: the one on PATH, or,
// without one, the one that built this program. It is asked for where it would
// build: a go.mod can choose another toolchain.
func goVersion(ctx context.Context, dir string) string {
	command := exec.CommandContext(ctx, "go", "env", "GOVERSION")
	command.Dir, command.Env = dir, environment(false)
	output, err := command.Output()
	if err != nil {
		return runtime.Version()
	}
	return strings.TrimSpace(string(output))
}

// Needed reports whether anything has to be built, and whether that takes a C compiler.
func (p *Plan) Needed() (anything, cgo bool) {
	for _, piece := range p.missing {
		cgo = cgo || piece.cgo
	}
	return len(p.missing) > 0, cgo
}

// Run builds what is missing and gives everything. Another process that builds
// is waited for. progress is called as often as something happens.
func (p *Plan) Run(ctx context.Context, progress func(Progress)) (Programs, error) {
	if len(p.missing) > 0 {
		if err := os.MkdirAll(string(p.cache), 0o755); err != nil {
			return Programs{}, fault.Wrap(fault.Build, err, "make the cache")
		}
		lock, err := state.WaitLock(ctx, p.cache.lockFile(), func() { progress(Progress{What: "wait for another build"}) })
		if err != nil {
			return Programs{}, err
		}
		defer lock.Unlock()
	}
	for _, piece := range p.missing {
		hash := p.hashes[piece.name]
		if !p.cache.has(piece.name, hash) { // another process may have built it while we waited
			if err := p.build(ctx, piece, hash, progress); err != nil {
				return Programs{}, err
			}
		}
	}
	return p.programs()
}

func (p *Plan) build(ctx context.Context, piece piece, hash string, progress func(Progress)) error {
	staging, err := p.cache.stage(piece.name)
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(staging) }()
	if err := compile(ctx, piece, p.sources[piece.module], staging, progress); err != nil {
		return err
	}
	for alias, program := range piece.aliases {
		if err := os.Link(filepath.Join(staging, program), filepath.Join(staging, alias)); err != nil {
			return fault.Wrap(fault.Build, err, "finish %s", piece.name)
		}
	}
	if piece.images {
		for _, program := range piece.programs {
			if _, err := image.Make(filepath.Join(staging, program), hash, filepath.Join(staging, program+".tar")); err != nil {
				return err
			}
		}
	}
	if err := os.Chmod(staging, 0o755); err != nil {
		return fault.Wrap(fault.Build, err, "finish %s", piece.name)
	}
	if err := os.Rename(staging, p.cache.entry(piece.name, hash)); err != nil {
		return fault.Wrap(fault.Build, err, "finish %s", piece.name)
	}
	p.cache.prune(piece.name)
	return nil
}

func (p *Plan) programs() (Programs, error) {
	all := Programs{Dirs: map[string]string{}, Images: map[string]image.Archive{}}
	for _, piece := range pieces() {
		hash := p.hashes[piece.name]
		dir := p.cache.entry(piece.name, hash)
		p.cache.touch(piece.name, hash)
		if !piece.images {
			all.Dirs[piece.name] = dir
			continue
		}
		for _, program := range piece.programs {
			reference, err := image.Reference(program, hash)
			if err != nil {
				return all, err
			}
			all.Images[program] = image.Archive{Reference: reference, File: filepath.Join(dir, program+".tar")}
		}
	}
	return all, nil
}
