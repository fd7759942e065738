// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package scoretest

import (
	"testing"

	"nationtech.io/harmony/event"
)

func TestAMomentComesOnceAndIsReadAsItIsWritten(t *testing.T) {
	m := moment{"smoke test", 2}
	if got, ok := parseMoment(m.String()); !ok || got != m {
		t.Errorf("%q is read as %v", m, got)
	}
	for _, text := range []string{"", "change", "change x"} {
		if got, ok := parseMoment(text); ok {
			t.Errorf("%q is read as %v", text, got)
		}
	}
	came := 0
	sink := m.when(func() { came++ })
	for i, e := range []event.Event{
		event.StepStarted{Step: "smoke test"}, event.Changed{}, event.StepStarted{Step: "converge"}, event.StepStarted{Step: "smoke test"}, event.StepStarted{Step: "smoke test"},
	} {
		sink.Emit(event.Record{Event: e})
		if want := min(i/3, 1); came != want {
			t.Errorf("after event %d it came %d times, want %d", i, came, want)
		}
	}
}

func TestAJournalKnowsWhereSomethingWasChanged(t *testing.T) {
	j := &journal{}
	for _, e := range []event.Event{
		event.Progress{Text: "building"}, event.Changed{Object: "Namespace/b"}, event.Changed{Namespace: "b"}, event.Changed{Namespace: "a"}, event.Changed{Namespace: "b"},
	} {
		j.Emit(event.Record{Event: e})
	}
	if got := j.namespaces(); len(got) != 2 || got[0] != "a" || got[1] != "b" {
		t.Errorf("got %v", got)
	}
	if got := j.counts()[change]; got != 4 {
		t.Errorf("%d changes, want 4", got)
	}
}

func TestATestIsFoundAlone(t *testing.T) {
	if got, want := alone("TestA/b.c_d#01"), `^TestA$/^b\.c_d#01$`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
