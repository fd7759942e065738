// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package helmchart_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"nationtech.io/harmony"
	"nationtech.io/harmony/topology/export"
)

func TestAChartIsExportedAsManifestsAndTheExportSaysWhatItDoesNotDo(t *testing.T) {
	dir := t.TempDir()
	_, report, err := export.Write(t.Context(), harmony.Run{}, harmony.Place(hooked(map[string]any{})), export.Options{Format: export.Manifests, Dir: dir, Namespace: "demo"})
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*deployment-web*"))
	if err != nil || len(files) != 1 {
		t.Errorf("got %v, %v", files, err)
	}
	later := strings.Join(report.Placements[0].Later, "\n")
	for _, want := range []string{"the version of Kubernetes, which was taken to be v1.", "the waits between what is applied in turns"} {
		if !strings.Contains(later, want) {
			t.Errorf("%q is not said: %s", want, later)
		}
	}
	if all, err := os.ReadDir(dir); err != nil || !slices.ContainsFunc(all, func(f os.DirEntry) bool { return strings.Contains(f.Name(), "customresourcedefinition") }) {
		t.Errorf("the definition is missing: %v, %v", all, err)
	}
}
