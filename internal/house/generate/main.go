// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Command generate writes every file of this repository that is made from the others: the index of
// decisions, the record of the exported API, the list of modules that the agent links, the definitions of the fleet's
// kinds and the page about them. Run it at the root of the checkout.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"nationtech.io/harmony/internal/house"
)

func main() {
	if err := write(house.Tree{Root: "."}); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func write(tree house.Tree) error {
	files, err := tree.Generated()
	if err != nil {
		return err
	}
	if err := os.RemoveAll(house.APIRecord); err != nil {
		return err
	}
	for name, text := range files {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}
