// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package house_test

import (
	"testing"

	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/internal/house"
)

func TestThePageOfWhatDoesNotHealHasEveryGrace(t *testing.T) {
	rows := map[string][]string{}
	for _, row := range house.Rows(read(t, "docs/errors/HRM0306.md"), "of") {
		rows[row[0]+": "+row[1]] = row[2:]
	}
	found := 0
	for _, r := range kube.Waiting() {
		if r.Code == "" {
			continue
		}
		found++
		row := rows[r.Kind+": "+r.State]
		if len(row) != 2 || row[0] != r.After() || diag.Code(row[1]) != r.Code {
			t.Errorf("%s: %q counts after %q with %s; the page says %q", r.Kind, r.State, r.After(), r.Code, row)
		}
	}
	if found < 10 || len(rows) != found {
		t.Errorf("there are %d states, and %d rows", found, len(rows))
	}
}
