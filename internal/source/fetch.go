// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package source

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"strings"

	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/event"
)

// fetchable tells whether a version names sources that a module proxy can give:
// not (devel), and nothing that was built from an edited checkout.
func fetchable(version string) bool {
	return semver.IsValid(version) && semver.Build(version) == ""
}

func released(version string) bool {
	return fetchable(version) && !module.IsPseudoVersion(version)
}

// fetch gives the sources of a module version, from the module cache when they are there.
func fetch(ctx context.Context, path, version string) (Tree, error) {
	event.Emit(ctx, event.Progress{Text: "sources of " + path + "@" + version})
	cmd := exec.CommandContext(ctx, "go", "mod", "download", "-json", path+"@"+version)
	cmd.Dir = os.TempDir() // outside any module, so that no one else's go.mod has a say
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=mod")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	var got struct{ Dir, Error string }
	if jsonErr := json.Unmarshal(out, &got); err == nil {
		err = jsonErr
	}
	if err == nil && got.Error == "" {
		return Tree{Module: path, Dir: got.Dir, Version: version}, nil
	}
	d := diag.New(diag.NoSources, path).Because(err).
		Saw("this program was built from " + path + "@" + version + ", which could not be fetched")
	for _, text := range []string{got.Error, strings.TrimSpace(stderr.String())} {
		if text != "" {
			d.Saw(text)
		}
	}
	return Tree{}, d.Try("see that the Go toolchain is installed and that GOPROXY leads to a module proxy that has it:",
		"go mod download "+path+"@"+version)
}
