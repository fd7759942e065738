// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package local

import (
	"context"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"nationtech.io/harmony/internal/source"
	"nationtech.io/harmony/internal/source/shelf"
	"nationtech.io/harmony/internal/source/toolchain"
)

// Override names the environment variable with the path of a localkube to use as it is.
const Override = "HARMONY_LOCALKUBE"

const (
	program  = "localkube"
	mainPath = source.Localkube + "/cmd/" + program
	kept     = 4 // managers, some 70 MB each
)

// findManager gives the localkube that belongs to this program: the one that the environment
// names, the one of a checkout, built when it was edited, else the one of the same release.
func findManager(ctx context.Context, cluster string) (manager, error) {
	if path := os.Getenv(Override); path != "" {
		return manager{path: path, cluster: cluster}, nil
	}
	here := source.Here()
	release := here.Release(source.Harmony)
	if path := filepath.Join(filepath.Dir(here.Executable), program); release != "" && versionOf(path) == release {
		return manager{path: path, cluster: cluster}, nil
	}
	tree, err := here.Find(ctx, source.Localkube)
	if err != nil {
		return manager{}, elsewhere(err)
	}
	path, err := built(ctx, tree)
	if err != nil {
		return manager{}, notBuilt(ctx, err)
	}
	return manager{path: path, cluster: cluster, sources: tree.Dir}, nil
}

// versionOf is the version of localkube that a file is; empty when it is none.
func versionOf(path string) string {
	info, err := buildinfo.ReadFile(path)
	if err != nil || info.Main.Path != source.Localkube {
		return ""
	}
	return info.Main.Version
}

// built gives the manager that these sources make, which is built when it is not there yet.
func built(ctx context.Context, tree source.Tree) (string, error) {
	golang, err := toolchain.Find(ctx, tree.Dir)
	if err != nil {
		return "", fmt.Errorf("build localkube: %w", err)
	}
	managers, err := shelf.Cached("localkube-manager", kept)
	if err != nil {
		return "", fmt.Errorf("build localkube: %w", err)
	}
	for {
		key, err := managerKey(tree, golang)
		if err != nil {
			return "", err
		}
		if executable(managers.Entry(key)) {
			managers.Use(key)
			return filepath.Join(managers.Entry(key), program), nil
		}
		if err := build(ctx, tree, golang, managers, key); err != nil {
			return "", fmt.Errorf("build localkube: %w", err)
		}
	}
}

func managerKey(tree source.Tree, golang toolchain.Toolchain) (string, error) {
	sources, err := tree.Key(mainPath)
	if err != nil {
		return "", fmt.Errorf("compare localkube with what was built before: %w", err)
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %s %s %s", sources, golang.Version, runtime.GOOS, runtime.GOARCH))
	return hex.EncodeToString(sum[:16]), nil
}

// build makes the manager, unless its sources were edited meanwhile: then it is the caller's to go on.
func build(ctx context.Context, tree source.Tree, golang toolchain.Toolchain, managers shelf.Shelf, key string) error {
	desk, err := managers.Desk()
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(desk) }() // what is left there is swept later
	draft := filepath.Join(desk, "draft")
	if err := os.Mkdir(draft, 0o755); err != nil {
		return fmt.Errorf("make a directory to build in: %w", err)
	}
	err = golang.Run(ctx, toolchain.Build{
		Dir: tree.Dir, Package: mainPath, OS: runtime.GOOS, Arch: runtime.GOARCH,
		Output: filepath.Join(draft, program), Title: "localkube, which runs the local Kubernetes",
	})
	if err != nil {
		return err
	}
	if now, err := managerKey(tree, golang); err != nil || now != key {
		return err
	}
	return managers.Put(key, draft, executable)
}

// executable tells whether an entry holds a manager.
func executable(entry string) bool {
	info, err := os.Stat(filepath.Join(entry, program))
	return err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o111 != 0 && info.Size() > 0
}
