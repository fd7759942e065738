// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/chart"
	"nationtech.io/harmony/fleet/deploy"
	"nationtech.io/harmony/score/nats"
	"nationtech.io/harmony/scoretest"
)

// The chart is one of our own that takes the values of the upstream one, with an image that this cluster can have.
func TestAFleetWithAnIssuerStandsOnTheServersOfAChart(t *testing.T) {
	image, err := scoretest.Local(t).Images().Provide(t.Context(), nats.ServerImage)
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(t.TempDir(), "nats")
	if err := os.CopyFS(folder, os.DirFS("../../score/nats/testdata/nats")); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(folder, "values.yaml")
	values, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(strings.Replace(string(values), "image: nats-server\n", "image: "+image+"\n", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	var own sharing
	t.Cleanup(func() {
		if err := own.takeDown(); err != nil {
			t.Error(err)
		}
	})
	s := own.up(t, func(all deploy.All) deploy.All {
		all.Device, all.Identity = id(t, "e2e-charted"), &deploy.Identity{}
		all.NATS.Chart = &chart.Reference{Source: folder, Name: "nats", Version: "0.0.1"}
		return all
	})
	if agent := result(t, s.report, s.agent().Name()); agent.Standing != harmony.Done || !strings.HasPrefix(agent.Summary(), "e2e-charted answered a ping in ") {
		t.Errorf("got %+v", agent)
	}
	if report := s.mend(t); report.Changed() {
		t.Errorf("deployed again, it changes: %+v", report.Placements)
	}
}
