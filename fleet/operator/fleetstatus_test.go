// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
	"nationtech.io/harmony/fleet/operator/plane"
)

// says gives a condition of the FleetState, after the leader has said how the fleet stands.
func (r *renewed) says(t *testing.T, condition string) metav1.Condition {
	t.Helper()
	if err := r.sayState(t.Context(), time.Now(), r.state.Summary(), true, ""); err != nil {
		t.Fatal(err)
	}
	var f fleet.FleetState
	if err := r.objects.Get(t.Context(), client.ObjectKey{Namespace: "fleet", Name: fleet.FleetStateName}, &f); err != nil {
		t.Fatal(err)
	}
	is := meta.FindStatusCondition(f.Status.Conditions, condition)
	if is == nil {
		t.Fatalf("it does not say %s", condition)
	}
	return *is
}

func TestTheFleetSaysWhileTwoAgentsSpeakForOneDevice(t *testing.T) {
	r, _ := renew(t)
	if is := r.says(t, fleet.ConditionDuplicates); is.Status != metav1.ConditionFalse {
		t.Errorf("%+v", is)
	}
	now := time.Now()
	for _, instance := range []string{"one", "other", "one", "other"} {
		r.state.Report("press-07", plane.Report{Instance: instance}, now)
	}
	if is := r.says(t, fleet.ConditionDuplicates); is.Status != metav1.ConditionTrue || !strings.Contains(is.Message, "press-07") {
		t.Errorf("%+v", is)
	}
	r.state.Sweep(now.Add(time.Hour))
	if is := r.says(t, fleet.ConditionDuplicates); is.Status != metav1.ConditionFalse {
		t.Errorf("one has gone: %+v", is)
	}
}

func TestTheFleetSaysWhichGrantsHaveNoEffect(t *testing.T) {
	r, _ := renew(t)
	r.Namespaces = []string{"fleet"}
	grant := func(grants ...fleet.Grant) {
		t.Helper()
		var f fleet.FleetState
		err := r.objects.Get(t.Context(), client.ObjectKey{Namespace: "fleet", Name: fleet.FleetStateName}, &f)
		if f.Spec.Grants = grants; err == nil {
			err = r.objects.Update(t.Context(), &f)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	ours := fleet.Grant{Namespace: "fleet"}
	if grant(ours); r.says(t, fleet.ConditionIdleGrants).Status != metav1.ConditionFalse {
		t.Error("the operator looks at that namespace")
	}
	grant(ours, fleet.Grant{Namespace: "shop"})
	if is := r.says(t, fleet.ConditionIdleGrants); is.Status != metav1.ConditionTrue || is.Reason != "NamespacesNotWatched" || !strings.HasSuffix(is.Message, "--grant for each: shop") {
		t.Errorf("%+v", is)
	}
	odd := metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{{Key: "site", Operator: "Near"}}}
	grant(ours, fleet.Grant{Namespace: "fleet", Devices: odd})
	if is := r.says(t, fleet.ConditionIdleGrants); is.Status != metav1.ConditionTrue || is.Reason != "SelectorsNotUnderstood" {
		t.Errorf("%+v", is)
	}
	var many []fleet.Grant
	for i := range 256 {
		many = append(many, fleet.Grant{Namespace: fmt.Sprintf("shop-%03d", i)})
	}
	grant(many...)
	if is := r.says(t, fleet.ConditionIdleGrants); !strings.HasSuffix(is.Message, "shop-004 and 251 more") {
		t.Errorf("%+v", is)
	}
}
