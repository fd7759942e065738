// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package plane

import (
	"slices"
	"testing"

	"k8s.io/apimachinery/pkg/labels"
)

func TestAViewTellsWhatADeviceShallRunAndWhatItHas(t *testing.T) {
	w := begin()
	w.device("press", labels.Set{"kind": "press"})
	w.device("oven", labels.Set{"kind": "oven"})
	web := w.deployment("web", "kind=press", "d1", 1)
	write := w.writes()["press"]
	v, ok := w.View("press")
	if !ok || v.Online || v.Reported || !v.Unacknowledged || len(v.Wants) != 1 || v.Wants[0].Standing != Unreachable || v.Wants[0].Deployment.UID != web.UID {
		t.Errorf("before it is heard: %+v", v)
	}
	w.Report("press", Report{Instance: "one", Order: write.Order, Workloads: obedient(write), Findings: []Finding{{"Stale", "HRM0811", "m"}}}, w.now)
	v, _ = w.View("press")
	if !v.Online || !v.Reported || v.Unacknowledged || v.Wants[0].Standing != Ready || !v.Wants[0].Updated || len(v.Workloads) != 1 || len(v.Findings) != 1 {
		t.Errorf("after it has reported: %+v", v)
	}
	if _, ok := w.View("nobody"); ok {
		t.Error("there is a view of a device that is not enrolled")
	}
	all := w.Views(func(_ string, l labels.Set) bool { return l["kind"] == "oven" })
	if len(all) != 1 || all[0].ID != "oven" || len(w.Views(nil)) != 2 {
		t.Errorf("%+v", all)
	}
	if told := w.Deployments(); len(told) != 1 || told[0].Change.Counts.Ready != 1 {
		t.Errorf("%+v", told)
	}
}

func TestASelectionSaysWhatAChangeWouldMatchAndChangesNothing(t *testing.T) {
	w := begin()
	w.device("press", labels.Set{"kind": "press"})
	w.device("probe", labels.Set{"kind": "press", ProbeLabel: "x"})
	w.deployment("web", "kind=oven", "d1", 1)
	press, err := labels.Parse("kind=press")
	if err != nil {
		t.Fatal(err)
	}
	if got := w.Selected("shop", press); !slices.Equal(got, []string{"press"}) {
		t.Errorf("selected %v", got)
	}
	if got := w.Selected("other", press); got != nil {
		t.Errorf("a namespace without a grant would select %v", got)
	}
	if w.Selects("shop", labels.Everything(), labels.Set{"kind": "press"}) {
		t.Error("an empty selector would match")
	}
	if got := w.Matched("web"); got != nil {
		t.Errorf("matched %v", got)
	}
}
