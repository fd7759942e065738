// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
	"nationtech.io/harmony/fleet/operator/plane"
)

// narrowed is a leader whose devices run something that selects them no longer, as far as is watched; so many devices are there
// beside the usual ones.
func narrowed(t *testing.T, more int) *lead {
	t.Helper()
	l := leads(t)
	for i := range more {
		l.state.SetDevice(fmt.Sprint("oven-", i), labels.Set{"site": "lyon"}, l.now)
	}
	writes, _ := l.state.Next(l.now, 1000)
	for _, w := range writes {
		e := w.Entries[0]
		l.state.Report(w.Device, plane.Report{Instance: "one", Order: w.Order, Workloads: []plane.Workload{
			{UID: e.UID, Generation: e.Generation, Digest: e.Digest, Phase: plane.Running},
		}}, l.now)
	}
	f := &fleet.FleetState{ObjectMeta: metav1.ObjectMeta{Namespace: l.Namespace, Name: fleet.FleetStateName}, Spec: fleet.FleetStateSpec{
		Grants: []fleet.Grant{{Namespace: web.Namespace}},
	}}
	if err := l.objects.Create(t.Context(), f); err != nil {
		t.Fatal(err)
	}
	l.learn(t.Context(), f)
	l.edit(t, func(s *fleet.DeploymentSpec) { s.TargetSelector.MatchLabels = map[string]string{"site": "paris"} })
	l.now = l.now.Add(2 * time.Minute)
	if gone := l.removes(); len(gone) > 0 {
		t.Fatalf("%v remove it, and nobody was asked", gone)
	}
	return l
}

// removes are the devices that are told now to remove something.
func (l *lead) removes() (all []string) {
	writes, _ := l.state.Next(l.now, 1000)
	for _, w := range writes {
		if len(w.Entries) > 0 && w.Entries[0].Absent {
			all = append(all, w.Device)
		}
	}
	slices.Sort(all)
	return all
}

// serves lets the API server have devices at sites.
func (l *lead) serves(sites map[string]string) {
	build := fake.NewClientBuilder().WithScheme(l.objects.Scheme()).WithIndex(&fleet.Device{}, "spec.fleet", func(o client.Object) []string {
		return []string{o.(*fleet.Device).Spec.Fleet}
	})
	for name, site := range sites {
		build.WithObjects(&fleet.Device{
			ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"site": site}}, Spec: fleet.DeviceSpec{Fleet: l.Namespace},
		})
	}
	l.reader = split{build.Build(), l.objects}
}

// A split has devices in one place, and all else in another.
type split struct {
	client.Reader
	others client.Reader
}

func (s split) Get(ctx context.Context, key client.ObjectKey, o client.Object, options ...client.GetOption) error {
	if _, is := o.(*fleet.Device); is {
		return s.Reader.Get(ctx, key, o, options...)
	}
	return s.others.Get(ctx, key, o, options...)
}

func TestNothingIsRemovedThatTheAPIServerStillSelects(t *testing.T) {
	for _, more := range []int{0, 2 * askOneByOne} {
		l := narrowed(t, more)
		sites, want := map[string]string{"press-0": "paris", "press-1": "lyon", "press-3": "lyon"}, []string{"press-1", "press-3"}
		for i := range more {
			sites[fmt.Sprint("oven-", i)] = "lyon"
			want = append(want, fmt.Sprint("oven-", i))
		}
		l.serves(sites)
		if err := l.confirm(t.Context(), l.now); err != nil {
			t.Fatal(err)
		}
		slices.Sort(want)
		if got := l.removes(); !slices.Equal(got, want) {
			t.Errorf("%d more: %v remove it", more, got)
		}
		if l.unconfirmed != 2 { // the lead has four devices
			t.Errorf("%d are not confirmed: one has another label, and one is gone", l.unconfirmed)
		}
	}
}

// A FleetState that says more than was learnt may let a Deployment select what it does not as far as is known.
func TestNothingIsRemovedBeforeTheFleetStateIsKnown(t *testing.T) {
	l := narrowed(t, 0)
	l.serves(map[string]string{"press-1": "lyon"})
	var f fleet.FleetState
	if err := l.objects.Get(t.Context(), client.ObjectKey{Namespace: l.Namespace, Name: fleet.FleetStateName}, &f); err != nil {
		t.Fatal(err)
	}
	f.Spec.ReportedLabels = []string{"zone"}
	if err := l.objects.Update(t.Context(), &f); err != nil {
		t.Fatal(err)
	}
	for _, learns := range []bool{false, true} {
		if learns {
			l.learn(t.Context(), &f)
		}
		if err := l.confirm(t.Context(), l.now); err != nil {
			t.Fatal(err)
		}
		if gone := l.removes(); len(gone) == 1 != learns {
			t.Errorf("learnt %t, and %v remove it", learns, gone)
		}
	}
}

// broken does not answer.
type broken struct{ client.Reader }

func (broken) Get(context.Context, client.ObjectKey, client.Object, ...client.GetOption) error {
	return errors.New("connection refused")
}

func TestNothingIsRemovedWhileTheAPIServerDoesNotAnswer(t *testing.T) {
	l := narrowed(t, 0)
	l.reader = broken{}
	if err := l.confirm(t.Context(), l.now); err != nil {
		t.Fatal(err)
	}
	if gone := l.removes(); len(gone) > 0 {
		t.Errorf("%v remove it", gone)
	}
}
