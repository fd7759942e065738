// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package house_test

import (
	"cmp"
	"regexp"
	"strings"
	"testing"

	"nationtech.io/harmony/internal/house"
)

// trouble is a line of verdict.go, which says in data what does not heal, and how long that must last.
var trouble = regexp.MustCompile(`trouble\{name: "([^"]+)", grace: (?:(\d+)(?: \* )?)?(?:time\.(Second|Minute))?(, code:)?`)

func TestThePageOfWhatDoesNotHealHasEveryGrace(t *testing.T) {
	units := map[string]string{"Second": " s", "Minute": " min"}
	rows := map[string]string{}
	for _, row := range house.Rows(read(t, "docs/errors/HRM0306.md"), "state") {
		name, _, _ := strings.Cut(row[0], " (")
		rows[name] = row[1]
	}
	found := trouble.FindAllStringSubmatch(read(t, "capability/kube/verdict.go"), -1)
	if len(found) < 10 {
		t.Fatalf("only %d troubles are found", len(found))
	}
	for _, m := range found {
		want := cmp.Or(m[2], "1") + units[m[3]]
		if m[2] == "0" {
			want = "at once"
		}
		if m[4] == "" && !strings.HasPrefix(rows[m[1]], want) {
			t.Errorf("%q counts after %q; the page says %q", m[1], want, rows[m[1]])
		}
	}
}
