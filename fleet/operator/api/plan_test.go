// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/labels"

	"nationtech.io/harmony/diag"
	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
	"nationtech.io/harmony/fleet/people"
)

const maker = `{"apiVersion":"fleet.nationtech.io/v1alpha1","kind":"Deployment","metadata":{"namespace":%q,"name":%q},
	"spec":{"targetSelector":{"matchLabels":{"kind":%q}},"score":{"type":"PodmanV0","data":{"services":[%s]}}}}`

const oneService = `{"name":"main","image":"registry.invalid/main:1"}`

func device(name, kind string) string {
	return fmt.Sprintf(`{"apiVersion":"fleet.nationtech.io/v1alpha1","kind":"Device","metadata":{"name":%q,"labels":{"kind":%q}},"spec":{"fleet":"fleet"}}`, name, kind)
}

// planned gives for each object the names that gain, update, lose and stay.
func planned(t *testing.T, objects ...string) (all [][4]string, changes []people.Change) {
	t.Helper()
	var plan people.Plan
	s := served(t, "list devices", "get deployments")
	ask(t, s, http.MethodPost, people.PlanPath, `{"objects":[`+strings.Join(objects, ",")+`]}`, http.StatusOK, &plan)
	for _, c := range plan.Changes {
		all = append(all, [4]string{join(c.Gain), join(c.Update), join(c.Lose), join(c.Same)})
	}
	return all, plan.Changes
}

func join(s people.Some) string { return strings.Join(s.Names, " ") }

func TestAPlanNamesTheDevicesThatChange(t *testing.T) {
	got, changes := planned(t, fmt.Sprintf(maker, "fleet", "web", "oven", oneService))
	if diff := cmp.Diff([][4]string{{"oven-1", "", "press-1 press-2", ""}}, got); diff != "" {
		t.Errorf("another selector: %s", diff)
	}
	if changes[0].New || changes[0].Offline != 2 {
		t.Errorf("%+v", changes[0])
	}
	if got, _ = planned(t, fmt.Sprintf(maker, "fleet", "web", "press", oneService)); got[0] != [4]string{"", "press-1 press-2", "", ""} {
		t.Errorf("another content: %q", got)
	}
	if got, changes = planned(t, fmt.Sprintf(maker, "shop", "new", "press", oneService)); got[0] != [4]string{"press-1 press-2", "", "", ""} || !changes[0].New {
		t.Errorf("a new one: %q %+v", got, changes)
	}
	if got, changes = planned(t, fmt.Sprintf(maker, "fleet", "web", "oven", "")); got[0] != [4]string{"", "", "", "press-1 press-2"} || changes[0].Refused == "" {
		t.Errorf("one that is refused: %q %+v", got, changes)
	}
	if _, changes = planned(t, fmt.Sprintf(maker, "other", "web", "oven", oneService)); !strings.Contains(changes[0].Refused, "does not look at namespace other") {
		t.Errorf("in a namespace that is not watched: %+v", changes)
	}
}

func TestObjectsThatAreAppliedTogetherAreSeenTogether(t *testing.T) {
	got, _ := planned(t, device("press-2", "lathe"), device("lathe-1", "lathe"), fmt.Sprintf(maker, "shop", "turn", "lathe", oneService))
	want := [][4]string{{"shop/turn", "", "fleet/web", ""}, {"shop/turn", "", "", ""}, {"lathe-1 press-2", "", "", ""}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAPlanIsOfWhatChangesDevices(t *testing.T) {
	s := served(t, "list devices")
	fails(t, s, http.MethodPost, people.PlanPath, `{"objects":[]}`, http.StatusBadRequest, diag.QuestionRefused, "1 to 100 objects")
	fails(t, s, http.MethodPost, people.PlanPath, `{"objects":[{"apiVersion":"v1","kind":"Pod"}]}`, http.StatusBadRequest, diag.QuestionRefused, "v1 Pod changes no device")
	fails(t, s, http.MethodPost, people.PlanPath, `{"more":1}`, http.StatusBadRequest, diag.QuestionRefused, "not understood")
	fails(t, s, http.MethodPost, people.PlanPath, `{"objects":[`+fmt.Sprintf(maker, "shop", "db", "oven", oneService)+`]}`, http.StatusForbidden, diag.RightMissing, "get deployments")
	fails(t, served(t), http.MethodPost, people.PlanPath, `{"objects":[`+device("a", "b")+`]}`, http.StatusForbidden, diag.RightMissing, "list devices")
}

func TestAPlanSeesTheLabelsThatADeviceReports(t *testing.T) {
	s := served(t, "list devices", "get deployments")
	s.State.SetDevice("press-1", labels.Set{"kind": "press", fleet.ReportedPrefix + "rack": "7"}, time.Now())
	var plan people.Plan
	deployment := strings.Replace(fmt.Sprintf(maker, "shop", "racked", "x", oneService), `"kind":"x"`, `"reported.fleet.nationtech.io/rack":"7"`, 1)
	ask(t, s, http.MethodPost, people.PlanPath, `{"objects":[`+device("press-1", "lathe")+`,`+deployment+`]}`, http.StatusOK, &plan)
	if len(plan.Changes) != 2 || join(plan.Changes[0].Gain) != "shop/racked" || join(plan.Changes[1].Gain) != "press-1" {
		t.Errorf("%+v", plan.Changes)
	}
}
