// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

func TestEveryQuestionToTheCalloutIsCounted(t *testing.T) {
	const metrics = `# TYPE harmony_callout_dropped_total counter
harmony_callout_dropped_total{why="late"} 3
harmony_callout_seconds_bucket{le="0.0005"} 11
harmony_callout_seconds_count 12
# TYPE harmony_callout_verdicts_total counter
harmony_callout_verdicts_total{reason="expired"} 2
harmony_callout_verdicts_total{reason="ok"} 1e+03
harmony_callout_waiting 7
`
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, metrics) }))
	defer server.Close()
	w := &identityWorld{http: http.DefaultClient, metrics: strings.TrimPrefix(server.URL, "http://")}
	if got, err := w.requests(t.Context()); err != nil || got != 1005 {
		t.Errorf("%v questions: %v", got, err)
	}
}

func TestATokenIsShownOnceWhileThereAreOthers(t *testing.T) {
	d := &identity{tokens: []string{"a", "b"}}
	if got := []string{d.token(), d.token(), d.token()}; strings.Join(got, "") != "abb" {
		t.Errorf("%q", got)
	}
}

func TestHowMuchIsMeasuredIsChecked(t *testing.T) {
	for _, c := range []struct {
		args []string
		good bool
	}{
		{nil, true},
		{[]string{"--devices", "500", "--connects", "500", "--calm", "100"}, true},
		{[]string{"--devices", "500"}, false},
		{[]string{"--calm", "0"}, false},
		{[]string{"--rounds", "0"}, false},
		{[]string{"--only", "dead"}, true},
		{[]string{"--only", "dead,else"}, false},
		{[]string{"more"}, false},
	} {
		if _, err := (&bench{args: c.args}).identityOptions(); (err == nil) != c.good {
			t.Errorf("%v: %v", c.args, err)
		}
	}
}

func TestPartsAreMeasuredInTheirOrder(t *testing.T) {
	parts, err := chosen("expired,killed")
	if err != nil || len(parts) != 2 || parts[0].name != "killed" || parts[1].name != "expired" {
		t.Errorf("%d parts, %v", len(parts), err)
	}
	if all, err := chosen(""); err != nil || len(all) != len(identityParts()) {
		t.Errorf("%d parts, %v", len(all), err)
	}
}

func TestADeviceThatComesBackTwiceIsOneDevice(t *testing.T) {
	f := &fleetOfTokens{returned: make([]atomic.Bool, 2)}
	f.came(1)
	f.came(1)
	if n := f.back.Load(); n != 1 {
		t.Errorf("%d are back", n)
	}
	f.begin()
	f.came(1)
	if n := f.back.Load(); n != 1 {
		t.Errorf("%d are back of the next storm", n)
	}
}
