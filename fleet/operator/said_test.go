// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"testing"

	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
	"nationtech.io/harmony/fleet/operator/plane"
)

// Devices were told image 2, and the status says nothing of it: the operator died before it wrote that, or a backup was restored.
// What is asked for next must come after image 2 for them, whatever it is.
func TestAStatusThatIsBehindMakesNobodyGoBack(t *testing.T) {
	l := leads(t)
	l.obey(plane.Running)
	status := fleet.DeploymentStatus{Release: fleet.ReleaseRef{Digest: digestOf(t, 1), Generation: 1}, ObservedGeneration: 1}
	l.edit(t, func(s *fleet.DeploymentSpec) { s.Score = image(2) })
	l.edit(t, func(s *fleet.DeploymentSpec) { s.Score = image(1) })
	p := l.get(t)
	p.Status = status
	if err := l.objects.Status().Update(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	l.start(t, l.bus)
	told, _ := l.state.Deployment(string(p.UID))
	if told.Digest != digestOf(t, 1) || told.EntryGeneration != 3 {
		t.Errorf("devices are told %+v", told)
	}
}

func TestAStatusThatIsNotBehindIsBelieved(t *testing.T) {
	l := leads(t)
	l.edit(t, func(s *fleet.DeploymentSpec) { s.Score = image(2) })
	p := l.get(t)
	p.Status = fleet.DeploymentStatus{Release: fleet.ReleaseRef{Digest: digestOf(t, 2), Generation: 2}, ObservedGeneration: 2}
	if err := l.objects.Status().Update(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	l.edit(t, func(s *fleet.DeploymentSpec) { s.TargetSelector.MatchLabels["line"] = "2" })
	l.start(t, l.bus)
	if told, _ := l.state.Deployment(string(p.UID)); told.EntryGeneration != 2 {
		t.Errorf("devices are told %+v", told)
	}
}
