// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"nationtech.io/harmony/diag"
	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
)

// devices is a fleet with one device, whose operator writes that reason as soon as its access is changed; nothing when it is empty.
func devices(t *testing.T, reason string) *session {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := fleet.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	d := &fleet.Device{ObjectMeta: metav1.ObjectMeta{Name: "press-07", Generation: 1}, Spec: fleet.DeviceSpec{Fleet: "fleet"}}
	d.Status.Conditions = []metav1.Condition{{Type: fleet.ConditionReady, Status: metav1.ConditionTrue, Reason: "Heard", ObservedGeneration: 1}}
	s := spoken(t, nil)
	s.objects = fake.NewClientBuilder().WithScheme(scheme).WithObjects(d).WithInterceptorFuncs(interceptor.Funcs{
		Patch: func(ctx context.Context, c client.WithWatch, object client.Object, patch client.Patch, _ ...client.PatchOption) error {
			if err := c.Patch(ctx, object, patch); err != nil {
				return err
			}
			d, ok := object.(*fleet.Device)
			if !ok {
				return nil
			}
			d.Generation = 2
			if reason != "" {
				d.Status.Conditions = []metav1.Condition{{Type: fleet.ConditionReady, Status: metav1.ConditionFalse, Reason: reason, Message: "so it is", ObservedGeneration: 2}}
			}
			return c.Update(ctx, d)
		},
	}).Build()
	return s
}

func (s *session) now(t *testing.T) fleet.Access {
	t.Helper()
	var d fleet.Device
	if err := s.objects.Get(t.Context(), types.NamespacedName{Name: "press-07"}, &d); err != nil {
		t.Fatal(err)
	}
	return d.Spec.Access
}

func TestADeviceIsRevokedWhenTheOperatorSaysThatItIsCutOff(t *testing.T) {
	s := devices(t, fleet.ReasonRevoked)
	a, err := s.access(t.Context(), "press-07", fleet.AccessRevoked, time.Minute)
	if err != nil || !a.CutOff || a.Reason != fleet.ReasonRevoked || s.now(t) != fleet.AccessRevoked {
		t.Errorf("%+v, %v; its access is %s", a, err, s.now(t))
	}
}

func TestARevocationThatTheOperatorHasNotCarriedOutIsNoSuccess(t *testing.T) {
	for reason, want := range map[string]string{"": "the operator has not written anything", fleet.ReasonRevoking: "so it is", "Silent": "so it is"} {
		s := devices(t, reason)
		a, err := s.access(t.Context(), "press-07", fleet.AccessRevoked, 0)
		is(t, err, diag.NotCutOff, want)
		if a.CutOff || s.now(t) != fleet.AccessRevoked {
			t.Errorf("%q: %+v, its access is %s", reason, a, s.now(t))
		}
	}
	_, err := devices(t, fleet.ReasonRevoking).access(t.Context(), "press-07", fleet.AccessRevoked, time.Millisecond)
	is(t, err, diag.NotCutOff, "so it is")
}

func TestADeviceIsAllowedWhenTheOperatorNoLongerSaysThatItIsRevoked(t *testing.T) {
	s := devices(t, fleet.ReasonRevoked)
	_, err := s.access(t.Context(), "press-07", fleet.AccessAllowed, 0)
	is(t, err, diag.NotCutOff, "so it is")
	s = devices(t, "Silent")
	if a, err := s.access(t.Context(), "press-07", fleet.AccessAllowed, 0); err != nil || a.CutOff || s.now(t) != fleet.AccessAllowed {
		t.Errorf("%+v, %v; its access is %s", a, err, s.now(t))
	}
}

func TestOnlyDevicesOfTheFleetAreRevoked(t *testing.T) {
	s := devices(t, fleet.ReasonRevoked)
	_, err := s.access(t.Context(), "oven-11", fleet.AccessRevoked, 0)
	is(t, err, diag.NotInFleet, "there is no such Device")
	s.fleet = "another"
	_, err = s.access(t.Context(), "press-07", fleet.AccessRevoked, 0)
	is(t, err, diag.NotInFleet, "it belongs to fleet fleet")
	if s.now(t) == fleet.AccessRevoked {
		t.Error("a device of another fleet was revoked")
	}
}
