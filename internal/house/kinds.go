// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package house

import (
	"bytes"
	"errors"
	"fmt"
	"go/format"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

const (
	kindsDir      = "fleet/api/v1alpha1"
	kindsTool     = "tools/controllergen"
	kindsPage     = "docs/reference/fleet-api.md"
	kindsProgram  = "sigs.k8s.io/controller-tools/cmd/controller-gen"
	deepCopyFile  = "zz_generated.deepcopy.go"
	generatedName = "zz_generated."
)

// kinds gives what is made from the Go types of the fleet's kinds, if there are any: their deep copies, their
// definitions, and the page about them.
func (t Tree) kinds() (map[string]string, error) {
	if _, err := os.Stat(t.path(kindsDir)); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	dir, err := os.MkdirTemp("", "harmony-house-")
	if err != nil {
		return nil, fmt.Errorf("make the definitions: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }() // in the directory for temporary files
	if err := t.controllerGen(dir); err != nil {
		return nil, err
	}
	made, err := os.ReadDir(filepath.Join(dir, "made"))
	if err != nil {
		return nil, fmt.Errorf("make the definitions: %w", err)
	}
	files := map[string]string{}
	var definitions []string
	for _, file := range made {
		text, err := os.ReadFile(filepath.Join(dir, "made", file.Name()))
		if err != nil {
			return nil, fmt.Errorf("make the definitions: %w", err)
		}
		if file.Name() == deepCopyFile {
			// The tool puts its build constraint above the licence.
			const licence = "// Copyright 2026 The Harmony Authors\n// SPDX-License-Identifier: Apache-2.0\n"
			code, err := format.Source([]byte(licence + "\n" + strings.Replace(string(text), licence, "", 1)))
			if err != nil {
				return nil, fmt.Errorf("make the definitions: %w", err)
			}
			files[kindsDir+"/"+deepCopyFile] = string(code)
			continue
		}
		_, kind, _ := strings.Cut(file.Name(), "_")
		files[kindsDir+"/"+generatedName+kind] = "# Copyright 2026 The Harmony Authors\n# SPDX-License-Identifier: Apache-2.0\n" + string(text)
		definitions = append(definitions, string(text))
	}
	files[kindsPage], err = reference(definitions)
	return files, err
}

// controllerGen runs the tool, built from the version that is pinned.
func (t Tree) controllerGen(dir string) error {
	binary, header := filepath.Join(dir, "controller-gen"), filepath.Join(dir, "header")
	if err := os.WriteFile(header, []byte("// Copyright 2026 The Harmony Authors\n// SPDX-License-Identifier: Apache-2.0\n"), 0o600); err != nil {
		return fmt.Errorf("make the definitions: %w", err)
	}
	if err := run(t.path(kindsTool), "go", "build", "-o", binary, kindsProgram); err != nil {
		return err
	}
	made := filepath.Join(dir, "made")
	return run(t.path("."), binary, "object:headerFile="+header, "crd", "paths=./"+kindsDir, "output:dir="+made)
}

func run(dir, program string, args ...string) error {
	cmd := exec.Command(program, args...) //nolint:noctx // an interrupt reaches it as it reaches us
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOWORK=off")
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w\n%s", strings.Join(append([]string{filepath.Base(program)}, args...), " "), err, said.String())
	}
	return nil
}
