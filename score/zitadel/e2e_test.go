// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package zitadel_test

import (
	"testing"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/chart"
	"nationtech.io/harmony/score/zitadel"
	"nationtech.io/harmony/scoretest"
)

// A plan is the API server's own dry run of every object. The images cannot be fetched everywhere, so nothing is deployed.
func TestAnAPIServerTakesTheObjectsOfZitadel(t *testing.T) {
	s := zitadel.Score{
		Namespace: scoretest.Namespace(t), Domain: "id.example.com", Chart: chart.Reference{Source: "testdata/zitadel"},
		Database: zitadel.Database{Host: "postgres", Passwords: "zitadel-database"},
	}
	report, err := harmony.Run{}.Plan(t.Context(), harmony.Place(s).On(scoretest.Local(t)))
	if err != nil {
		t.Fatal(err)
	}
	if planned := report.Placements[0].Planned; len(planned) < 8 {
		t.Errorf("planned are %v", planned)
	}
}
