// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package harmony_test

import (
	"context"
	"testing"

	"nationtech.io/harmony"
)

func TestARunRemembersUntilItsEnd(t *testing.T) {
	var seen []bool
	looks := func(ctx context.Context) {
		_, found := harmony.Recall[string](ctx, "tools")
		_, other := harmony.Recall[int](ctx, "tools")
		seen = append(seen, found, other)
		harmony.Remember(ctx, "tools", "rake")
	}
	for range 2 {
		if _, err := harmony.Deploy(t.Context(), harmony.Place(shed{"shed", func(ctx context.Context, y *yard) (harmony.Outcome, error) {
			looks(ctx)
			return harmony.Outcome{}, nil
		}}).On(&yard{})); err != nil {
			t.Fatal(err)
		}
	}
	looks(t.Context())
	looks(t.Context())
	// The preflight of a run finds nothing, its deploy what the preflight kept; without a run nothing is kept.
	for i, want := range []bool{false, false, true, false, false, false, true, false, false, false, false, false} {
		if seen[i] != want {
			t.Errorf("look %d: %v", i, seen)
		}
	}
}
