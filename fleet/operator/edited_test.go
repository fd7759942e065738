// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/event"

	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
)

func TestAnEditIsNewsWhateverItsGeneration(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*fleet.Deployment)
		news   bool
	}{
		"another spec under the same generation": {func(p *fleet.Deployment) { p.Spec.Score = image(2) }, true},
		"another object under the same name":     {func(p *fleet.Deployment) { p.UID = "two" }, true},
		"its deletion":                           {func(p *fleet.Deployment) { p.DeletionTimestamp = new(metav1.Now()) }, true},
		"a finalizer that was taken off":         {func(p *fleet.Deployment) { p.Finalizers = nil }, true},
		"a generation":                           {func(p *fleet.Deployment) { p.Generation = 2 }, true},
		"a status":                               {func(p *fleet.Deployment) { p.Status.Devices.Ready, p.ResourceVersion = 3, "9" }, false},
		"a label":                                {func(p *fleet.Deployment) { p.Labels = map[string]string{"of": "a person"} }, false},
	} {
		before := &fleet.Deployment{
			ObjectMeta: metav1.ObjectMeta{UID: "one", Generation: 1, Finalizers: []string{fleet.Finalizer}}, Spec: fleet.DeploymentSpec{Score: image(1)},
		}
		now := before.DeepCopy()
		c.change(now)
		if news := edited().Update(event.UpdateEvent{ObjectOld: before, ObjectNew: now}); news != c.news {
			t.Errorf("%s: %t", name, news)
		}
	}
}

func TestAFleetStateTeachesWhateverItsGenerationAndHoweverManyAreBuried(t *testing.T) {
	for name, c := range map[string]struct {
		change  func(*fleet.FleetState)
		teaches bool
	}{
		"another grant": {func(f *fleet.FleetState) { f.Spec.Grants = []fleet.Grant{{Namespace: "shop"}} }, true},
		"another grave": {func(f *fleet.FleetState) { f.Status.Removed[0].UID = "two" }, true},
		"a condition":   {func(f *fleet.FleetState) { set(&f.Status.Conditions, 1, fleet.ConditionReady, true, "Ready", "") }, false},
	} {
		before := &fleet.FleetState{Status: fleet.FleetStateStatus{Removed: []fleet.RemovedDeployment{{UID: "one"}}}}
		now := before.DeepCopy()
		c.change(now)
		if got := teaches(before, now); got != c.teaches {
			t.Errorf("%s: %t", name, got)
		}
	}
}
