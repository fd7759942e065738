// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package onlooker_test

import (
	"context"
	"testing"

	"nationtech.io/harmony"
	"nationtech.io/harmony/scoretest"
	"nationtech.io/harmony/scoretest/internal/onlooker"
)

// Conform asks that a smoke test fails while its Pods are stopped; an onlooker has none.
func TestAnOnlookerIsDeployedOnceAndTakenAwayWhole(t *testing.T) {
	t.Parallel()
	placement := harmony.Place(onlooker.Score{Namespace: scoretest.Namespace(t)}).On(scoretest.Local(t))
	remove := func() harmony.Report {
		report, err := harmony.Run{Purge: true}.Remove(context.WithoutCancel(t.Context()), placement)
		if err != nil {
			t.Error(err)
		}
		return report
	}
	t.Cleanup(func() { remove() })
	for _, want := range []harmony.Standing{harmony.Done, harmony.Unchanged} {
		report, err := harmony.Deploy(t.Context(), placement)
		if err != nil || len(report.Placements) != 1 || report.Placements[0].Standing != want {
			t.Fatalf("%v, %+v, want %s", err, report, want)
		}
	}
	if gone := remove().Placements[0].Gone; len(gone) != 9 {
		t.Errorf("gone: %q, want what was applied and the namespace", gone)
	}
}
