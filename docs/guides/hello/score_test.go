// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package hello_test

import (
	"testing"

	"nationtech.io/harmony"
	"nationtech.io/harmony/docs/guides/hello"
	"nationtech.io/harmony/internal/needs"
	"nationtech.io/harmony/topology/local"
)

func TestTheExampleDoesWhatTheGuideSays(t *testing.T) {
	needs.Local(t)
	place, err := local.Open(t.Context(), local.Options{Name: needs.Name()})
	if err != nil {
		t.Fatal(err)
	}
	defer place.Close()
	score := hello.Score{Namespace: "guide-hello", Text: "hello\n"}
	placement := harmony.Place(score).On(place)

	report, err := harmony.Deploy(t.Context(), placement)
	if err != nil {
		t.Fatal(err)
	}
	if !report.Changed() || report.Placements[0].Facts[0] != `it says "hello\n"` {
		t.Errorf("got %+v", report)
	}
	if again, err := harmony.Deploy(t.Context(), placement); err != nil || again.Changed() {
		t.Errorf("a second deploy changed something: %+v, %v", again, err)
	}
	score.Text = "good day\n"
	if report, err := harmony.Verify(t.Context(), placement); err != nil {
		t.Errorf("what was deployed: %+v, %v", report, err)
	}
	if _, err := harmony.Verify(t.Context(), harmony.Place(score).On(place)); err == nil {
		t.Error("a server that says something else passes the smoke test")
	}
	removed, err := harmony.Run{Purge: true}.Remove(t.Context(), placement)
	if err != nil || len(removed.Placements[0].Kept) > 0 {
		t.Errorf("removed %+v, %v", removed, err)
	}
}
