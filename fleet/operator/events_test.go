// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"context"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/events"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
	"nationtech.io/harmony/fleet/operator/plane"
)

// hears gives the events since it was last asked, each as "TYPE REASON TEXT". Their reasons must be on the page.
func (l *lead) hears(t *testing.T) (all []string) {
	t.Helper()
	recorder, ok := l.recorder.(*events.FakeRecorder)
	if !ok {
		t.Fatalf("%T keeps no events", l.recorder)
	}
	page := rows(t)
	for {
		select {
		case event := <-recorder.Events:
			kind, rest, _ := strings.Cut(event, " ")
			reason, _, _ := strings.Cut(rest, " ")
			if page[reason] != kind {
				t.Errorf("the page has no %s of type %s", reason, kind)
			}
			all = append(all, event)
		default:
			return all
		}
	}
}

func (l *lead) said(t *testing.T, want ...string) {
	t.Helper()
	got := l.hears(t)
	if len(got) != len(want) {
		t.Fatalf("it says %q, not %q", got, want)
	}
	for i := range want {
		if !strings.HasPrefix(got[i], want[i]) {
			t.Errorf("it says %q, not %q", got[i], want[i])
		}
	}
}

func TestADeploymentThatBecomesReadySaysSoOnce(t *testing.T) {
	l := leads(t)
	l.said(t)
	l.obey(plane.Running)
	l.look(t, plane.Running)
	l.said(t, "Normal Ready 4 of 4 devices are ready")
	l.look(t, plane.Running)
	l.said(t)
	l.edit(t, func(s *fleet.DeploymentSpec) { s.Score = image(2) })
	l.look(t, plane.Starting)
	l.look(t, plane.Starting)
	l.said(t)
	l.says(plane.Running)
	l.look(t, plane.Running)
	l.said(t, "Normal Ready")
}

func TestARolloutThatStopsSaysWhyOnce(t *testing.T) {
	for want, revert := range map[string]bool{"Warning TooManyFailed": false, "Warning Reverted": true} {
		l := begun(t)
		l.hears(t)
		l.edit(t, func(s *fleet.DeploymentSpec) { s.Rollout.Revert = revert })
		for range 2 {
			l.look(t, plane.Failed)
		}
		l.said(t, want)
		l.look(t, plane.Failed)
		if all := l.hears(t); len(all) > 0 && strings.HasPrefix(all[0], want) {
			t.Errorf("it says again %q", all)
		}
	}
}

func TestADeploymentThatIsRefusedSaysWhy(t *testing.T) {
	for want, change := range map[string]func(*fleet.DeploymentSpec){
		"Warning InvalidScore": func(s *fleet.DeploymentSpec) { s.Score = score(`{"services":[]}`) },
		"Warning InvalidSelector": func(s *fleet.DeploymentSpec) {
			s.TargetSelector.MatchExpressions = []metav1.LabelSelectorRequirement{{Key: "site", Operator: "Near"}}
		},
		"Warning InvalidRollout": func(s *fleet.DeploymentSpec) {
			s.Rollout = byTwo()
			s.Rollout.Order = []metav1.LabelSelector{{MatchExpressions: []metav1.LabelSelectorRequirement{{Key: "site", Operator: "Near"}}}}
		},
	} {
		l := leads(t)
		l.hears(t)
		l.edit(t, change)
		l.said(t, want)
	}
}

func TestADeploymentThatGoesWithoutTheWordOfItsDevicesNamesThem(t *testing.T) {
	l := leads(t)
	l.Namespace = web.Namespace
	state := &fleet.FleetState{ObjectMeta: metav1.ObjectMeta{Namespace: web.Namespace, Name: fleet.FleetStateName}, Status: fleet.FleetStateStatus{Term: 1}}
	if err := l.objects.Create(t.Context(), state); err != nil {
		t.Fatal(err)
	}
	// The API server of these tests keeps the status of a FleetState as any other part of it.
	l.client = interceptor.NewClient(l.objects, interceptor.Funcs{
		SubResourceUpdate: func(ctx context.Context, c client.Client, _ string, o client.Object, _ ...client.SubResourceUpdateOption) error {
			return c.Update(ctx, o)
		},
	})
	l.obey(plane.Running)
	l.converged.Store(true)
	l.RemovalLimit, l.OfflineLimit = time.Hour, time.Hour
	if err := l.objects.Delete(t.Context(), l.get(t)); err != nil {
		t.Fatal(err)
	}
	l.hears(t)
	l.reconcile(t)
	l.said(t)
	l.RemovalLimit = 0
	l.reconcile(t)
	l.said(t, "Warning RemovalUnfinished gone after 0s without the word of press-0, press-1, press-2, press-3")
}
