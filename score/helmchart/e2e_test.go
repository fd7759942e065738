// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package helmchart_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/image"
	"nationtech.io/harmony/score/helmchart"
	"nationtech.io/harmony/score/nats"
	"nationtech.io/harmony/scoretest"
	"nationtech.io/harmony/topology/local"
)

// definition is what a cluster has once, and what only one of the tests may therefore have.
const definition = "CustomResourceDefinition/things.server.example.com"

// onCluster is the chart of the tests with its hooks, on the cluster that tests share. Its server is a NATS.
func onCluster(t *testing.T, values map[string]any) (helmchart.Score, *local.Topology) {
	t.Helper()
	on := scoretest.Local(t)
	reference, err := on.Images().Provide(t.Context(), image.Image{Name: nats.ServerImage.Name, Package: nats.ServerImage.Package})
	if err != nil {
		t.Fatal(err)
	}
	values["image"] = reference
	s := hooked(values)
	s.Namespace = scoretest.Namespace(t)
	return s, on
}

func TestAChartKeepsWhatEveryScorePromises(t *testing.T) {
	s, on := onCluster(t, map[string]any{"store": map[string]any{"enabled": true}})
	scoretest.Conform(t, harmony.Place(s).On(on))
}

func TestAPlanForetellsAnUpgradeOfAChart(t *testing.T) {
	t.Parallel()
	s, on := onCluster(t, map[string]any{})
	s.LeaveOut = append(s.LeaveOut, definition)
	louder, more := s, s
	louder.Values = map[string]any{"image": s.Values.(map[string]any)["image"], "hooks": true, "text": "louder"}
	more.Values = map[string]any{"image": s.Values.(map[string]any)["image"], "hooks": true, "extra": map[string]any{"enabled": true}}
	scoretest.Foretold(t, harmony.Place(s).On(on), harmony.Place(louder).On(on), harmony.Place(more).On(on))
}

func TestHooksOfAnUpgradeRunAgainOnlyWhenSomethingChanged(t *testing.T) {
	t.Parallel()
	s, on := onCluster(t, map[string]any{})
	s.LeaveOut = append(s.LeaveOut, definition)
	t.Cleanup(func() {
		if _, err := (harmony.Run{Purge: true}).Remove(context.WithoutCancel(t.Context()), harmony.Place(s).On(on)); err != nil {
			t.Error(err)
		}
	})
	jobs := func(s helmchart.Score) (changes []string) {
		report, err := harmony.Deploy(t.Context(), harmony.Place(s).On(on))
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range report.Placements[0].Changes {
			if strings.HasPrefix(c.Object, "Job/") {
				changes = append(changes, string(c.Action)+" "+c.Object)
			}
		}
		slices.Sort(changes)
		return changes
	}
	if got := jobs(s); !slices.Equal(got, []string{"created Job/web-last", "created Job/web-second"}) {
		t.Errorf("first: %v", got)
	}
	if got := jobs(s); len(got) != 0 {
		t.Errorf("nothing changed, and: %v", got)
	}
	s.Values = map[string]any{"image": s.Values.(map[string]any)["image"], "hooks": true, "text": "louder"}
	if got := jobs(s); !slices.Equal(got, []string{"replaced Job/web-last", "replaced Job/web-second"}) {
		t.Errorf("after a change: %v", got)
	}
}
