// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package deploy

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	rbacv1 "k8s.io/api/rbac/v1"

	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/diag"
	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
	fleetprobe "nationtech.io/harmony/fleet/probe"
)

func operator() Operator {
	return Operator{Namespace: "fleet", NATS: NATS{Namespace: "fleet"}.Ref(), Grants: []fleet.Grant{{Namespace: "shop"}}}
}

func TestTheOperatorsPodIsRestricted(t *testing.T) {
	for _, o := range operator().objects("image") {
		d, ok := o.(*appsv1.Deployment)
		if !ok {
			continue
		}
		if !*d.Spec.Template.Spec.SecurityContext.RunAsNonRoot || *d.Spec.Template.Spec.Containers[0].SecurityContext.AllowPrivilegeEscalation {
			t.Errorf("the Pod: %+v", d.Spec.Template.Spec)
		}
		return
	}
	t.Fatal("there is no Deployment")
}

func TestTheOperatorMayWriteNothingButStatusBesideItsOwnNamespaces(t *testing.T) {
	var namespaces []string
	for _, o := range operator().rights() {
		switch r := o.(type) {
		case *rbacv1.ClusterRole:
			for _, rule := range r.Rules {
				if slices.Contains(rule.Resources, "devices") && !slices.Equal(rule.Verbs, []string{"get", "list", "watch"}) {
					t.Errorf("in the whole cluster it may %v %v", rule.Verbs, rule.Resources)
				}
			}
		case *rbacv1.Role:
			namespaces = append(namespaces, r.Namespace)
			for _, rule := range r.Rules {
				if slices.Contains(rule.Verbs, "*") || slices.Contains(rule.Resources, "*") || slices.Contains(rule.Resources, "secrets") {
					t.Errorf("it may %v %v", rule.Verbs, rule.Resources)
				}
				if r.Namespace != "fleet" && slices.Contains(rule.Resources, "fleetstates/status") {
					t.Errorf("in %s it may write a FleetState", r.Namespace)
				}
			}
		}
	}
	if !slices.Equal(namespaces, []string{"fleet", "shop"}) {
		t.Errorf("it has rights in %v", namespaces)
	}
}

func TestRolesForPeopleGiveExecApartAndAreBoundToNobody(t *testing.T) {
	execs := 0
	for _, o := range operator().peoples() {
		var rules []rbacv1.PolicyRule
		switch r := o.(type) {
		case *rbacv1.ClusterRole:
			rules = r.Rules
		case *rbacv1.Role:
			rules = r.Rules
		default:
			t.Errorf("%T is no role", o)
		}
		for _, rule := range rules {
			if slices.Contains(rule.Resources, "devices/exec") {
				execs += len(rule.Resources)
			}
			if slices.Contains(rule.Resources, "*") || slices.Contains(rule.Verbs, "*") {
				t.Errorf("%s gives %v", o.GetName(), rule)
			}
		}
	}
	if execs != 1 {
		t.Errorf("exec is given with %d others", execs-1)
	}
}

func TestAFleetGrantsProbesToItsOwnNamespaceAndTheRestAsItIsTold(t *testing.T) {
	grants := operator().fleet().Spec.Grants
	if len(grants) != 2 || grants[0].Namespace != "shop" || grants[1].Namespace != "fleet" || grants[1].Devices.MatchExpressions[0].Key != fleet.ProbeLabel {
		t.Errorf("got %+v", grants)
	}
	own := operator()
	own.Grants = nil
	if grants = own.fleet().Spec.Grants; len(grants) != 2 || grants[0].Namespace != "fleet" {
		t.Errorf("without any: %+v", grants)
	}
}

func TestWhatTheOperatorReportsOnWaitsForIt(t *testing.T) {
	for name, c := range map[string]struct {
		conditions string
		want       kube.Readiness
	}{
		"nobody has said anything": {`[]`, kube.Readiness{Reason: "no operator has said anything of it"}},
		"it is ready":              {`[{"type":"Ready","status":"True","observedGeneration":2}]`, kube.Readiness{Ready: true}},
		"it was ready before":      {`[{"type":"Ready","status":"True","observedGeneration":1}]`, kube.Readiness{Reason: "the operator has not seen it as it is now"}},
		"it is not ready": {
			`[{"type":"Ready","status":"False","observedGeneration":2,"reason":"Recovering","message":"1 of 2"}]`,
			kube.Readiness{Reason: "Recovering: 1 of 2"},
		},
	} {
		live := operator().fleet()
		live.Generation = 2
		if err := json.Unmarshal([]byte(c.conditions), &live.Status.Conditions); err != nil {
			t.Fatal(err)
		}
		if got := saidReady(live); got != c.want {
			t.Errorf("%s: got %+v", name, got)
		}
	}
}

func TestHowFarADeploymentCameIsSaid(t *testing.T) {
	d := operator().unreached(fleetprobe.New(nil, probeDevice("fleet")), errors.New("the API server is gone"))
	if d.Code != diag.DeploymentUnreached || !slices.ContainsFunc(d.Evidence, func(e diag.Evidence) bool { return e.Text == "the probe was told nothing" }) {
		t.Errorf("got %+v", d)
	}
}

func TestAnOperatorAwayFromItsNATSIsRefused(t *testing.T) {
	elsewhere, nowhere := operator(), operator()
	elsewhere.Namespace = "other"
	nowhere.Grants = []fleet.Grant{{}}
	for name, s := range map[string]Operator{"elsewhere": elsewhere, "a grant for no namespace": nowhere} {
		var d *diag.Diagnostic
		if err := s.check(); !errors.As(err, &d) || d.Code != diag.BadPlacement {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if err := operator().check(); err != nil {
		t.Error(err)
	}
}
