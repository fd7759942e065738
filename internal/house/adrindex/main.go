// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Command adrindex writes the index of the decision records. Run it at the root of the checkout.
package main

import (
	"fmt"
	"os"

	"nationtech.io/harmony/internal/house"
)

func main() {
	text, err := house.Tree{Root: "."}.Index()
	if err == nil {
		err = os.WriteFile(house.DecisionIndex, []byte(text), 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "adrindex:", err)
		os.Exit(1)
	}
}
