// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
)

//go:embed zz_generated.*.yaml
var definitions embed.FS

// Definitions are the CustomResourceDefinitions of all kinds, each as a document of YAML, in a fixed order.
func Definitions() ([][]byte, error) {
	names, err := fs.Glob(definitions, "*.yaml")
	if err != nil {
		return nil, fmt.Errorf("list the definitions: %w", err)
	}
	slices.Sort(names)
	var all [][]byte
	for _, name := range names {
		text, err := definitions.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("read a definition: %w", err)
		}
		all = append(all, text)
	}
	return all, nil
}
