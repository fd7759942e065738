// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package claim

import (
	"maps"
	"os"
	"testing"

	"nationtech.io/harmony/localkube/internal/address"
	"nationtech.io/harmony/localkube/internal/state"
)

func cluster(t *testing.T, index address.Plan) state.Cluster {
	t.Helper()
	c := state.Root(t.TempDir()).Cluster("c")
	if err := c.Make(); err != nil {
		t.Fatal(err)
	}
	if err := c.Save(state.Spec{Name: "c", Index: index}); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestARangeHasOneOwner(t *testing.T) {
	r := Registry(t.TempDir())
	first, second := cluster(t, 3), cluster(t, 3)
	for range 2 {
		if err := r.Claim(3, first); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Claim(3, second); err == nil {
		t.Error("another cluster got the range too")
	}
	if err := r.Release(3, second); err != nil {
		t.Fatal(err)
	}
	taken, err := r.Taken()
	if err != nil || !maps.Equal(taken, map[int]bool{3: true}) {
		t.Errorf("taken: %v %v", taken, err)
	}
	if err := r.Release(3, first); err != nil {
		t.Fatal(err)
	}
	if err := r.Claim(3, second); err != nil {
		t.Errorf("a range that was given up: %v", err)
	}
}

func TestAClusterWhoseStateIsGoneOwnsNothing(t *testing.T) {
	r := Registry(t.TempDir())
	gone := cluster(t, 3)
	if err := r.Claim(3, gone); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(gone.Dir); err != nil {
		t.Fatal(err)
	}
	if err := r.Claim(3, cluster(t, 3)); err != nil {
		t.Error(err)
	}
}
