// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package build

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"

	"nationtech.io/harmony/localkube/internal/fault"
)

// SourceVariable names the environment variable with the directory of our sources.
const SourceVariable = "LOCALKUBE_SOURCE"

// sources are the directories of our modules.
type sources map[module]string

// findSources finds our modules: where asked to, else in a checkout around the
// working directory or this program, else at the version that this program was
// built from.
func findSources(ctx context.Context, asked string) (sources, error) {
	if asked == "" {
		asked = os.Getenv(SourceVariable)
	}
	if asked != "" {
		if !isModule(asked, mainModule) {
			return nil, fault.New(fault.Usage, "%s is not the directory of module %s", asked, mainModule)
		}
		return checkout(ctx, asked)
	}
	if working, err := os.Getwd(); err == nil {
		if dir, ok := walkUp(working); ok {
			return checkout(ctx, dir)
		}
	}
	if self, err := os.Executable(); err == nil {
		if dir, ok := walkUp(filepath.Dir(self)); ok {
			return checkout(ctx, dir)
		}
	}
	return download(ctx)
}

// checkout gives our modules when the main one is in dir. In a checkout the others
// lie below it; in the module cache, where modules lie apart, they are fetched at
// the version that the directory's name ends with.
func checkout(ctx context.Context, dir string) (sources, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fault.Wrap(fault.Build, err, "find the sources")
	}
	found := sources{mainModule: dir}
	for m, below := range map[module]string{runtimeModule: "runtime", dnsModule: "dns"} {
		found[m] = filepath.Join(dir, below)
		if isModule(found[m], m) {
			continue
		}
		_, version, ok := strings.Cut(filepath.Base(dir), "@")
		if !ok {
			return nil, fault.New(fault.Build, "module %s is not in %s: the sources are not whole", m, found[m])
		}
		if found[m], err = downloadModule(ctx, string(m)+"@"+version); err != nil {
			return nil, err
		}
	}
	return found, nil
}

func walkUp(dir string) (string, bool) {
	for {
		for _, candidate := range []string{dir, filepath.Join(dir, "localkube")} {
			if isModule(candidate, mainModule) {
				return candidate, true
			}
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", false
		}
		dir = parent
	}
}

func isModule(dir string, m module) bool {
	content, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil {
		return false
	}
	for line := range strings.Lines(string(content)) {
		if path, ok := strings.CutPrefix(strings.TrimSpace(line), "module "); ok {
			return strings.TrimSpace(path) == string(m)
		}
	}
	return false
}

func download(ctx context.Context) (sources, error) {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Path != string(mainModule) || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return nil, fault.New(fault.Build, "the sources of localkube are not here: run it in a checkout, or set %s to the directory of module %s", SourceVariable, mainModule)
	}
	found := sources{}
	for _, m := range []module{mainModule, runtimeModule, dnsModule} {
		dir, err := downloadModule(ctx, string(m)+"@"+info.Main.Version)
		if err != nil {
			return nil, err
		}
		found[m] = dir
	}
	return found, nil
}

func downloadModule(ctx context.Context, version string) (string, error) {
	command := exec.CommandContext(ctx, "go", "mod", "download", "-json", version)
	command.Dir = os.TempDir() // no go.mod there may interfere
	command.Env = environment(false)
	var errors bytes.Buffer
	command.Stderr = &errors
	output, err := command.Output()
	var answer struct{ Dir, Error string }
	if json.Unmarshal(output, &answer) == nil && answer.Dir != "" {
		return answer.Dir, nil
	}
	f := fault.Wrap(fault.Build, err, "download %s", version)
	f.Log = lastLines(answer.Error+"\n"+errors.String(), 20)
	return "", f
}

func lastLines(text string, n int) []string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[max(0, len(lines)-n):]
}
