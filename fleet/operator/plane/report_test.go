// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package plane

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/labels"
)

func TestAManifestThatIsNotAcknowledgedIsSentAgainLessAndLess(t *testing.T) {
	w := begin()
	w.device("a", nil)
	told := w.writes()["a"]
	w.Heartbeat("a", "one", "", w.now)
	sent := 0
	for range 60 {
		w.pass(time.Second)
		w.Heartbeat("a", "one", "", w.now)
		sent += len(w.Lagging(w.now, 10))
	}
	if sent < 3 || sent > 5 {
		t.Errorf("sent again %d times in a minute", sent)
	}
	w.runs(t, told)
	w.pass(time.Hour)
	if again := w.Lagging(w.now, 10); len(again) != 0 {
		t.Errorf("it has acknowledged, and is sent %v", again)
	}
}

// Its manifest may have been lost, and its heartbeat is 10 s away.
func TestADeviceThatANewLeaderWaitsForIsSentItsManifestAgain(t *testing.T) {
	w := begin()
	for _, id := range []string{"there", "gone"} {
		w.device(id, nil)
	}
	w.Await("there", true)
	told := w.writes()
	w.pass(lag)
	if again := w.Lagging(w.now, 10); len(again) != 1 || again[0].Device != "there" || again[0].Order != told["there"].Order {
		t.Fatalf("sent again: %+v", again)
	}
	sent := 0
	for range 3600 {
		w.pass(time.Second)
		sent += len(w.Lagging(w.now, 10))
	}
	if sent != untilHeard-1 {
		t.Errorf("sent %d times to one that has gone meanwhile", sent)
	}
}

// A device of which there are two is told nothing while both live, which may be for ever.
func TestThoseThatCanBeWrittenAreCounted(t *testing.T) {
	w := begin()
	for _, id := range []string{"one", "two", "revoked"} {
		w.device(id, nil)
	}
	w.SetAccess("revoked", true, w.now)
	if n := w.Summary().Unwritten; n != 2 {
		t.Errorf("%d are to be written", n)
	}
	for _, instance := range []string{"first", "second", "first"} {
		w.Heartbeat("two", instance, "", w.now)
	}
	w.writes()
	if n := w.Summary(); n.Unwritten != 0 || len(n.Duplicates) != 1 {
		t.Errorf("all is written that can be: %+v", n)
	}
}

func TestTwoProcessesOfOneDeviceAreFoundAndNotWritten(t *testing.T) {
	w := begin()
	w.device("a", labels.Set{"site": "north"})
	w.writes()
	for _, instance := range []string{"one", "two", "one"} {
		w.pass(5 * time.Second)
		w.Heartbeat("a", instance, "", w.now)
	}
	if s := w.Summary(); len(s.Duplicates) != 1 {
		t.Errorf("got %+v", s)
	}
	if again := w.Lagging(w.now, 10); len(again) != 0 {
		t.Errorf("it is told again: %v", again)
	}
	w.deployment("web", "site=north", "d1", 1)
	if again := w.writes(); len(again) != 0 {
		t.Errorf("it is told %v", again)
	}
	w.pass(twiceFor + time.Second)
	w.Sweep(w.now)
	if again := w.writes(); len(again) != 1 {
		t.Errorf("when one has gone, wrote %v", again)
	}
}

func TestAContentIsForDevicesWhoseManifestNamesIt(t *testing.T) {
	w := begin()
	w.device("a", labels.Set{"site": "north"})
	w.device("b", labels.Set{"site": "south"})
	w.deployment("web", "site=north", "d1", 1)
	if !w.Names("a", "d1") || w.Names("b", "d1") || w.Names("a", "d2") || w.Names("stranger", "d1") {
		t.Error("a content is given to the wrong device")
	}
}

func TestWhatADeviceDoesNotHaveGoesAheadOfItsManifest(t *testing.T) {
	w := begin()
	w.device("a", labels.Set{"site": "north"})
	w.deployment("web", "site=north", "d1", 1)
	if one := w.writes()["a"]; one.News != nil {
		t.Errorf("it was never heard of, and is sent %v", one.News)
	}
	w.says("a", Order{})
	w.deployment("web", "site=north", "d2", 2)
	w.deployment("proxy", "site=north", "d2", 1)
	one := w.writes()["a"]
	if !slices.Equal(one.News, []string{"d2"}) {
		t.Errorf("it is sent %v", one.News)
	}
	w.runs(t, one)
	w.deployment("proxy", "site=north", "d3", 2)
	if one := w.writes()["a"]; !slices.Equal(one.News, []string{"d3"}) {
		t.Errorf("it has d2, and is sent %v", one.News)
	}
	w.pass(offlineAfter + time.Second)
	w.Sweep(w.now)
	w.deployment("proxy", "site=north", "d4", 3)
	if one := w.writes()["a"]; one.News != nil {
		t.Errorf("it is away, and is sent %v", one.News)
	}
}

func TestADeviceIsAskedForAReportThatWasNotHeard(t *testing.T) {
	w := begin()
	w.device("a", nil)
	if w.Heartbeat("a", "one", "h1", w.now) {
		t.Error("nothing was heard nor written, and it is not asked")
	}
	w.Report("a", Report{Instance: "one", Hash: "h1"}, w.now)
	// The first heartbeat that names another report may have overtaken it; with the second one it is lost.
	for i, c := range []struct {
		hash  string
		known bool
	}{{"h1", true}, {"", true}, {"h2", true}, {"h2", false}, {"h2", false}, {"h3", true}, {"h1", true}} {
		if got := w.Heartbeat("a", "one", c.hash, w.now); got != c.known {
			t.Errorf("heartbeat %d, with %q: known is %t", i, c.hash, got)
		}
	}
	if w.Heartbeat("a", "two", "h1", w.now) {
		t.Error("another process speaks, and it is not asked")
	}
}

func TestADeviceWhoseManifestIsOnItsWayIsAskedOnlyWhenItStaysSilent(t *testing.T) {
	w := begin()
	w.device("a", nil)
	w.device("b", nil)
	if one, pending := w.Next(w.now, 1); len(one) != 1 || pending != 1 {
		t.Fatalf("written %v, and %d wait", one, pending)
	}
	for _, id := range []string{"a", "b"} {
		if !w.Heartbeat(id, "one", "h1", w.now) {
			t.Errorf("%s is asked, and would report anyway", id)
		}
	}
	w.pass(lag)
	for _, id := range []string{"a", "b"} {
		if w.Heartbeat(id, "one", "h1", w.now) {
			t.Errorf("%s stays silent, and is not asked", id)
		}
	}
}

// A new leader has converged when nothing waits: what changes nothing must not wait for its pace.
func TestAReportThatChangesNothingLetsNothingWait(t *testing.T) {
	w := begin()
	w.device("a", labels.Set{"site": "north"})
	w.deployment("web", "site=north", "d1", 1)
	w.writes()
	w.says("a", Order{}, Workload{UID: "web", Generation: 1, Digest: "d1", Phase: Running})
	if left := len(w.queue); left != 0 {
		t.Errorf("%d manifests wait", left)
	}
	w.says("a", Order{}, Workload{UID: "gone", Generation: 1, Digest: "d1", Phase: Running})
	w.SetGraves([]Grave{{Namespace: "shop", Name: "gone", UID: "gone", Generation: 1}})
	if left := len(w.queue); left != 1 {
		t.Errorf("%d manifests wait for what is to be removed", left)
	}
}

func TestWhatIsMoreThanADeviceCanTakeIsSaidAndRemovesNothing(t *testing.T) {
	w := begin()
	w.device("a", labels.Set{"site": "north"})
	for i := range most + 2 {
		w.deployment(fmt.Sprintf("p%03d", i), "site=north", "d1", 1)
	}
	over := fmt.Sprintf("p%03d", most)
	w.says("a", Order{}, Workload{UID: over, Generation: 1, Digest: "d1", Phase: Running})
	told := w.writes()["a"].Entries
	if len(told) != most {
		t.Errorf("it is told %d entries", len(told))
	}
	if c, _ := w.Count(over); c.Counts.Failed != 1 || c.Failure.Code != "too-many-deployments" {
		t.Errorf("got %+v", c)
	}
}

func TestADeviceThatClaimsHigherOrdersForEverIsNotBelieved(t *testing.T) {
	w := begin()
	w.device("liar", nil)
	w.device("honest", nil)
	raised := 0
	for range 3 * claimsMost {
		claimed := w.order
		claimed.Term++
		for range 3 { // the same report again is no other claim
			if _, stale := w.Report("liar", Report{Instance: "one", Order: claimed}, w.now); stale {
				raised++
			}
		}
		w.Lead(claimed.Epoch, claimed.Term+1, "")
	}
	if raised != 3*claimsMost {
		t.Errorf("%d claims were believed", raised)
	}
	if v, _ := w.View("liar"); !v.Incredible {
		t.Error("nobody is told of it")
	}
	claimed := w.order
	claimed.Term++
	if _, stale := w.Report("honest", Report{Instance: "one", Order: claimed}, w.now); !stale {
		t.Error("another device is not believed")
	}
}

func TestADeviceThatFloodsIsSaidToForAWhile(t *testing.T) {
	w := begin()
	w.device("a", nil)
	flooding := func() bool {
		v, _ := w.View("a")
		return v.Flooding
	}
	if flooding() {
		t.Error("it has sent nothing")
	}
	w.Flood("a", w.now)
	w.Flood("stranger", w.now)
	if !flooding() {
		t.Error("nobody is told of it")
	}
	w.pass(floodedFor)
	w.Heartbeat("a", "one", "", w.now)
	if flooding() {
		t.Error("it has stopped")
	}
}

func TestNoDeviceUsesTheTermsUp(t *testing.T) {
	w := begin()
	w.device("a", nil)
	for term, want := range map[int64]bool{1 + farthest: true, 2 + farthest: false, 1<<53 - 1: false} {
		w.DropDevice("a")
		w.device("a", nil)
		if _, stale := w.Report("a", Report{Instance: "one", Order: Order{1, term, 1}}, w.now); stale != want {
			t.Errorf("term %d: stale is %t", term, stale)
		}
	}
}

func TestANewLeaderAwaitsThoseThatWereOnline(t *testing.T) {
	w := begin()
	for _, id := range []string{"on", "off", "new"} {
		w.device(id, nil)
	}
	w.Await("on", true)
	w.Await("off", false)
	w.Await("stranger", true)
	if s := w.Summary(); s.Unheard != 3 || s.Awaited != 1 {
		t.Errorf("got %+v", s)
	}
	w.Report("on", Report{Instance: "one"}, w.now)
	if s := w.Summary(); s.Unheard != 2 || s.Awaited != 0 {
		t.Errorf("after its word: %+v", s)
	}
}
