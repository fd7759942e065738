// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"os"
	"strings"
	"testing"
	"time"

	"nationtech.io/harmony/event"
)

// The tree on the first page was recorded from a real deploy, on a terminal of 84 columns. This sees that the same
// state is still drawn like that.
func TestTheTreeOnTheFirstPageIsWhatIsDrawn(t *testing.T) {
	now := time.Now()
	ago := func(d time.Duration) time.Time { return now.Add(-d) }
	v := view{width: 84, height: 40, now: now, frame: 3}
	rows := []event.Row{
		{Path: []string{"all"}},
		{Path: []string{"all", "agent-demo-1"}, Steps: []event.Begun{{Step: "smoke test", Since: ago(2100 * time.Millisecond)}}},
		{
			Path:  []string{"all", "nats"},
			Steps: []event.Begun{{Step: "interpret", Since: ago(7500 * time.Millisecond)}, {Step: "converge", Since: ago(6 * time.Second)}},
			Doing: event.Doing{
				For: "StatefulSet/nats", Below: []string{"Pod/nats-0", "container nats"}, Since: ago(4 * time.Second),
				Text: "0 of 1 replicas available; Pod/nats-0, container nats: it is being created",
			},
		},
	}
	page, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	if want := strings.Join(v.lines(rows, false), "\n") + "\n```"; !strings.Contains(string(page), want) {
		t.Errorf("README.md does not show\n%s", want)
	}
}
