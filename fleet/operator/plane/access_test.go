// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package plane

import (
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/labels"
)

func TestARevokedDeviceIsToldNothingAndNotHeardAndCountsAsOffline(t *testing.T) {
	w := begin()
	w.device("a", labels.Set{"site": "north"})
	d := w.deployment("web", "site=north", "d1", 1)
	first := w.writes()["a"]
	w.runs(t, first)
	if !w.SetAccess("a", true, w.now) || w.SetAccess("a", true, w.now) || w.SetAccess("nobody", true, w.now) {
		t.Error("what has changed is told wrongly")
	}
	d.Digest, d.Generation, d.EntryGeneration = "d2", 2, 2
	w.SetDeployment(d)
	w.pass(time.Hour)
	if wrote := w.writes(); len(wrote) != 0 {
		t.Errorf("it is told %v", wrote)
	}
	if m, ok := w.Manifest("a", w.now); ok || w.Names("a", "d1") || w.Names("a", "d2") {
		t.Errorf("it is answered: %v", m)
	}
	w.runs(t, first)
	if known := w.Heartbeat("a", "one", "x", w.now); !known || w.Online("a") {
		t.Errorf("it is heard: asked %v, online %v", !known, w.Online("a"))
	}
	if got := w.counts(t, "web"); got != (Counts{Matched: 1, Offline: 1}) {
		t.Errorf("%+v", got)
	}
	if s := w.Summary(); s.Revoked != 1 || s.Devices != 1 || s.Online+s.Unheard+s.Awaited+s.Unwritten+s.Unacknowledged != 0 {
		t.Errorf("%+v", s)
	}
}

func TestADeviceThatIsLetInAgainGetsWhatItHasMissed(t *testing.T) {
	w := begin()
	w.device("a", labels.Set{"site": "north"})
	d := w.deployment("web", "site=north", "d1", 1)
	w.runs(t, w.writes()["a"])
	w.SetAccess("a", true, w.now)
	d.Digest, d.Generation, d.EntryGeneration = "d2", 2, 2
	w.SetDeployment(d)
	w.pass(time.Hour)
	w.writes()
	w.SetAccess("a", false, w.now)
	wrote, ok := w.writes()["a"]
	if !ok || len(wrote.Entries) != 1 || wrote.Entries[0].Digest != "d2" || wrote.Entries[0].Absent {
		t.Fatalf("it is told %+v", wrote)
	}
	w.runs(t, wrote)
	if got := w.counts(t, "web"); got != (Counts{Matched: 1, Updated: 1, Ready: 1}) {
		t.Errorf("%+v", got)
	}
}
