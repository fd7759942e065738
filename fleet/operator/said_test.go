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

// Nobody keeps what devices are told without a rollout, and the status had the position of one.
func TestARolloutThatIsTakenAwayMakesNobodyGoBack(t *testing.T) {
	l := begun(t)
	for range 4 {
		l.look(t, plane.Running)
	}
	if is := l.get(t).Status; is.Rollout == nil || is.Release.Generation != 2 || is.ObservedGeneration != 2 {
		t.Fatalf("the status says %+v", is)
	}
	l.edit(t, func(s *fleet.DeploymentSpec) { s.Score, s.Rollout = image(1), nil })
	l.tells(t, map[string]int{digestOf(t, 1): 4})
	l.edit(t, func(s *fleet.DeploymentSpec) { s.Score = image(2) })
	l.start(t, l.bus)
	if told, _ := l.state.Deployment(string(l.get(t).UID)); told.EntryGeneration != 4 {
		t.Errorf("devices were told generation 3, and are told %+v", told)
	}
}

// The rollout goes on in the plane until that is told of the edit.
func TestAPositionIsNotWrittenBackOnceARolloutIsTakenAway(t *testing.T) {
	l := begun(t)
	p := l.get(t)
	p.Spec.Rollout, p.Generation = nil, p.Generation+1
	if err := l.objects.Update(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		l.look(t, plane.Running)
	}
	if is := l.get(t).Status; is.Rollout != nil {
		t.Errorf("the status says %+v", is.Rollout)
	}
	l.tells(t, map[string]int{digestOf(t, 1): 4})
	l.reconcile(t)
	l.tells(t, map[string]int{digestOf(t, 2): 4})
}

// A content that is asked for a second time has its Release already, of the generation in which it was first asked for.
func TestContentThatComesBackMakesNobodyGoBack(t *testing.T) {
	l := leads(t)
	l.edit(t, func(s *fleet.DeploymentSpec) { s.Score = image(2) })
	status := fleet.DeploymentStatus{Release: fleet.ReleaseRef{Digest: digestOf(t, 2), Generation: 2}, ObservedGeneration: 2}
	l.edit(t, func(s *fleet.DeploymentSpec) { s.Score = image(1) })
	l.edit(t, func(s *fleet.DeploymentSpec) { s.Score = image(2) })
	p := l.get(t)
	p.Status = status
	if err := l.objects.Status().Update(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	l.start(t, l.bus)
	if told, _ := l.state.Deployment(string(p.UID)); told.EntryGeneration != 4 {
		t.Errorf("devices were told generation 3, and are told %+v", told)
	}
}

// Devices were told image 2, which no status says; then something is refused, by that leader or by the next one.
func TestARefusalDoesNotHideWhatWasTold(t *testing.T) {
	for name, next := range map[string]bool{"by the same leader": false, "by the next one": true} {
		t.Run(name, func(t *testing.T) {
			l := leads(t)
			p := l.get(t)
			p.Status = fleet.DeploymentStatus{Release: fleet.ReleaseRef{Digest: digestOf(t, 1), Generation: 1}, ObservedGeneration: 1}
			if err := l.objects.Status().Update(t.Context(), p); err != nil {
				t.Fatal(err)
			}
			l.edit(t, func(s *fleet.DeploymentSpec) { s.Score = image(2) })
			nonsense := l.get(t)
			nonsense.Spec.Score, nonsense.Generation = fleet.Score{Type: "Nonsense"}, 3
			if err := l.objects.Update(t.Context(), nonsense); err != nil {
				t.Fatal(err)
			}
			if next {
				l.start(t, l.bus)
			} else {
				l.reconcile(t)
			}
			if is := l.get(t).Status; is.ObservedGeneration != 3 || is.Release.Digest == digestOf(t, 1) {
				t.Errorf("the status says %+v", is)
			}
			l.edit(t, func(s *fleet.DeploymentSpec) { s.Score = image(1) })
			l.start(t, l.bus)
			if told, _ := l.state.Deployment(string(p.UID)); told.EntryGeneration != 4 {
				t.Errorf("devices were told generation 2, and are told %+v", told)
			}
		})
	}
}
