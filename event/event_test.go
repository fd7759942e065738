// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package event_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/event"
)

func at(second int) time.Time { return time.Date(2026, 11, 23, 12, 0, second, 0, time.UTC) }

func TestAStepTellsItsPlaceAndItsEnd(t *testing.T) {
	var got []event.Record
	ctx := event.Into(t.Context(), event.SinkFunc(func(r event.Record) { got = append(got, r) }))
	outer := event.At(ctx, "all")
	broken := errors.New("broken")
	event.Begin(event.At(outer, "nats"), "converge")(broken)
	event.Emit(event.At(outer, "agent"), event.Fact{Text: "it answered"})
	if len(got) != 3 || !cmp.Equal(got[0].Path, []string{"all", "nats"}) || !cmp.Equal(got[2].Path, []string{"all", "agent"}) {
		t.Fatalf("got %+v", got)
	}
	if end, ok := got[1].Event.(event.StepEnded); !ok || end.Step != "converge" || !errors.Is(end.Err, broken) {
		t.Errorf("got %+v", got[1])
	}
}

func TestEmitWithoutASinkDoesNothing(t *testing.T) {
	event.Emit(context.Background(), event.Fact{Text: "nobody listens"})
	event.Emit(event.Into(t.Context(), nil), event.Fact{Text: "nobody listens"})
}

func TestJSONLinesCarryVersionPlaceFieldsAndErrors(t *testing.T) {
	var b bytes.Buffer
	sink := event.JSONLines(&b)
	sink.Emit(event.Record{At: at(1), Path: []string{"nats"}, Event: event.Progress{Text: "building", Done: 1, Total: 2}})
	sink.Emit(event.Record{At: at(2), Path: []string{"nats"}, Event: event.StepEnded{Step: "smoke test", Took: event.Seconds(1400 * time.Millisecond), Err: diag.New(diag.NobodyAnswered, "nats")}})
	sink.Emit(event.Record{At: at(3), Event: event.RunStarted{Verb: "deploy", Names: []string{"nats"}}})
	var lines []map[string]any
	for s := bufio.NewScanner(&b); s.Scan(); {
		var m map[string]any
		if err := json.Unmarshal(s.Bytes(), &m); err != nil {
			t.Fatalf("%s: %v", s.Text(), err)
		}
		lines = append(lines, m)
	}
	want := []map[string]any{
		{"version": 1.0, "time": "2026-11-23T12:00:01Z", "kind": "progress", "path": []any{"nats"}, "text": "building", "done": 1.0, "total": 2.0},
		{"version": 1.0, "time": "2026-11-23T12:00:02Z", "kind": "step-ended", "path": []any{"nats"}, "step": "smoke test", "seconds": 1.4,
			"errors": []any{map[string]any{"code": "HRM0502", "summary": diag.NobodyAnswered.Summary(), "path": []any{"nats"}}}},
		{"version": 1.0, "time": "2026-11-23T12:00:03Z", "kind": "run-started", "verb": "deploy", "names": []any{"nats"}},
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Error(diff)
	}
}

func TestPlainLinesSayEachThingOnceAndNotTooOften(t *testing.T) {
	var b strings.Builder
	p := &event.Plain{W: &b}
	nats := []string{"all", "nats"}
	for _, r := range []event.Record{
		{At: at(0), Path: nats, Event: event.Progress{Text: "building", Done: 1, Total: 9}},
		{At: at(0), Path: nats, Event: event.Progress{Text: "building", Done: 2, Total: 9}}, // too soon
		{At: at(2), Path: nats, Event: event.Waiting{For: "Pod/x", Saw: "pulling"}},
		{At: at(9), Path: nats, Event: event.Waiting{For: "Pod/x", Saw: "pulling"}}, // nothing new
		{At: at(9), Path: nats, Event: event.Changed{Action: "repaired", Object: "Service/x", Detail: "spec.ports"}},
		{At: at(9), Path: nats, Event: event.PlacementEnded{Standing: "done", Summary: "read back", Took: event.Seconds(1400 * time.Millisecond)}},
	} {
		p.Emit(r)
	}
	want := "all › nats   building (1 of 9)\nall › nats   waiting for Pod/x: pulling\nall › nats   repaired Service/x: spec.ports\nall › nats   ✓ done after 1.4 s\n"
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
}

func TestHumanDurations(t *testing.T) {
	for d, want := range map[time.Duration]string{
		812 * time.Microsecond: "0.812 ms", 1440 * time.Millisecond: "1.4 s", 192 * time.Second: "3 min 12 s", 76 * time.Hour: "3 d 4 h", 125 * time.Minute: "2 h 5 min",
	} {
		if got := event.Human(d); got != want {
			t.Errorf("%d: got %q, want %q", d, got, want)
		}
	}
}
