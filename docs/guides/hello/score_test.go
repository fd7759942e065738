// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package hello_test

import (
	"testing"

	"nationtech.io/harmony"
	"nationtech.io/harmony/docs/guides/hello"
	"nationtech.io/harmony/scoretest"
)

func TestTheExampleKeepsWhatEveryScorePromises(t *testing.T) {
	t.Parallel()
	score := hello.Score{Namespace: scoretest.Namespace(t), Text: "hello\n"}
	scoretest.Conform(t, harmony.Place(score).On(scoretest.Local(t)))
}

func TestTheExampleDoesWhatTheGuideSays(t *testing.T) {
	t.Parallel()
	place := scoretest.Local(t)
	score := hello.Score{Namespace: scoretest.Namespace(t), Text: "hello\n"}
	placement := harmony.Place(score).On(place)

	report, err := harmony.Deploy(t.Context(), placement)
	if err != nil {
		t.Fatal(err)
	}
	if !report.Changed() || report.Placements[0].Facts[0] != `it says "hello\n"` {
		t.Errorf("got %+v", report)
	}
	score.Text = "good day\n"
	if _, err := harmony.Verify(t.Context(), harmony.Place(score).On(place)); err == nil {
		t.Error("a server that says something else passes the smoke test")
	}
	removed, err := harmony.Run{Purge: true}.Remove(t.Context(), placement)
	if err != nil || len(removed.Placements[0].Kept) > 0 {
		t.Errorf("removed %+v, %v", removed, err)
	}
}
