// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"errors"
	"log/slog"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"nationtech.io/harmony/fleet/agent/decide"
	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/operator/plane"
)

// A control plane that was made anew, and a device that obeyed the one before in epoch 3.
type renewed struct {
	*reign
	objects client.Client
	now     time.Time
	device  decide.State
}

func renew(t *testing.T) (*renewed, contract.PlaneID) {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := fleet.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	here, before := contract.NewPlaneID(), contract.NewPlaneID()
	c := fake.NewClientBuilder().WithScheme(scheme).WithStatusSubresource(&fleet.FleetState{}).WithObjects(&fleet.FleetState{
		ObjectMeta: metav1.ObjectMeta{Namespace: "fleet", Name: fleet.FleetStateName, UID: types.UID(here.String())},
		Spec:       fleet.FleetStateSpec{Epoch: 1}, Status: fleet.FleetStateStatus{Term: 1},
	}).Build()
	o := &operator{Config: Config{Namespace: "fleet", Identity: "operator-1"}, log: slog.New(slog.DiscardHandler), client: c, reader: c, state: plane.New()}
	r := &renewed{&reign{operator: o, plane: here, stale: make(chan int64, 1)}, c, time.Now(), decide.State{Plane: before, Order: contract.Order{Epoch: 3, Term: 9, Number: 7}}}
	o.state.Lead(1, 1, "")
	o.state.SetDevice("press-07", nil, time.Now())
	return r, before
}

// write gives the device what is written for it, and what it says to that.
func (r *renewed) write(t *testing.T) (v decide.Verdict) {
	t.Helper()
	r.now = r.now.Add(time.Minute) // far beyond its pace
	writes, _ := r.state.Next(r.now, 10)
	for _, w := range writes {
		sent, err := r.manifest(w)
		if err != nil {
			t.Fatal(err)
		}
		m, digest, err := contract.DecodeManifest(sent.Data, sent.Device)
		if err != nil {
			t.Fatal(err)
		}
		r.device, v = r.device.Accept(m, digest, contract.PlaneID{}, time.Now())
	}
	return v
}

// wish sets who is adopted, and the epoch, as a person does.
func (r *renewed) wish(t *testing.T, from string, epoch int64) {
	t.Helper()
	var f fleet.FleetState
	err := r.objects.Get(t.Context(), types.NamespacedName{Namespace: "fleet", Name: fleet.FleetStateName}, &f)
	f.Spec.Adopt, f.Spec.Epoch = from, epoch
	if err = errors.Join(err, r.objects.Update(t.Context(), &f), r.follow(t.Context())); err != nil {
		t.Fatal(err)
	}
}

func TestADeviceOfAnotherControlPlaneFollowsWhenBothAreRight(t *testing.T) {
	r, before := renew(t)
	if v := r.write(t); v != decide.UnknownPlane {
		t.Errorf("nobody has adopted it: %s", v)
	}
	r.wish(t, before.String(), 1)
	if v := r.write(t); v != decide.UnknownPlane {
		t.Errorf("the epoch is below its own: %s", v)
	}
	r.wish(t, contract.NewPlaneID().String(), 4)
	if v := r.write(t); v != decide.UnknownPlane {
		t.Errorf("another one is adopted: %s", v)
	}
	r.wish(t, before.String(), 4)
	if v := r.write(t); v != decide.Accepted || r.device.Plane != r.plane {
		t.Errorf("both are right: %s", v)
	}
	term := r.state.Order().Term
	if err := r.follow(t.Context()); err != nil || r.state.Order().Term != term {
		t.Errorf("nothing changed, and the term is raised: %v", err)
	}
	r.wish(t, r.plane.String(), 4)
	if v := r.write(t); v != decide.Accepted || r.state.Adopts() != "" {
		t.Errorf("it adopts from itself: %s, %q", v, r.state.Adopts())
	}
}

func TestAnOperatorWhoseTermWasForgottenEnds(t *testing.T) {
	r, _ := renew(t)
	r.state.Lead(1, 2, "") // it raised the term, and then the API server was restored
	var lost *lostTerm
	if err := r.follow(t.Context()); !errors.As(err, &lost) {
		t.Errorf("it goes on: %v", err)
	}
}
