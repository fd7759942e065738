// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package house_test

import (
	"testing"

	"nationtech.io/harmony/internal/house"
)

func TestArrowsRunDownwards(t *testing.T) {
	layers, err := tree.Layers()
	if err != nil || len(layers) < 10 {
		t.Fatalf("%d layers, %v", len(layers), err)
	}
	strays, err := tree.Strays(layers)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range strays {
		t.Errorf("%s; see the table of layers in ARCHITECTURE.md", s)
	}
}

func TestAStrayImportIsFound(t *testing.T) {
	layers := []house.Layer{{Prefix: "harmony", Any: true}, {Prefix: "diag"}, {Prefix: "cli", May: []string{"harmony"}}}
	strays, err := tree.Strays(layers)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, s := range strays {
		found[s] = true
	}
	for _, want := range []string{"cli may not import diag", "wait is in no layer"} {
		if !found[want] {
			t.Errorf("%q is not among %v", want, strays)
		}
	}
}
