// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/operator/plane"
)

// After another has begun to lead, all devices say again what stands in their Devices.
func TestWhatIsNewsIsNotHeldUpByWhatStandsThere(t *testing.T) {
	scheme := runtime.NewScheme()
	if err := fleet.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	build := fake.NewClientBuilder().WithScheme(scheme).WithStatusSubresource(&fleet.Device{})
	o := &operator{log: slog.New(slog.DiscardHandler), state: plane.New(), infos: newInfos()}
	said := infoOf(Known(contract.Info{AgentVersion: "v2", Boot: contract.Boot{OS: "linux", Arch: "arm64", Kernel: "6.1"}}))
	for i := range lookMost {
		d := &fleet.Device{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprint("press-", i)}}
		d.Status = fleet.DeviceStatus{AgentVersion: said.agentVersion, OS: said.os, Arch: said.arch, Kernel: said.kernel, Inventory: said.inventory}
		set(&d.Status.Conditions, 0, fleet.ConditionReady, false, silent, "the device is not heard of")
		if i == 0 {
			d.Status = Known(contract.Info{AgentVersion: "v1"})
		}
		build.WithObjects(d)
		o.state.SetDevice(d.Name, nil, time.Now())
		o.infos.set(d.Name, said, time.Now())
	}
	o.client = build.Build()
	o.infos.write(t.Context(), o)
	var d fleet.Device
	if err := o.client.Get(t.Context(), types.NamespacedName{Name: "press-0"}, &d); err != nil || d.Status.AgentVersion != "v2" {
		t.Errorf("it says %q: %v", d.Status.AgentVersion, err)
	}
}

// Else two of them would take all turns.
func TestADeviceThatSaysSomethingElseAllTheTimeIsWrittenOnceAMinute(t *testing.T) {
	i, now, writes, written := newInfos(), time.Now(), 0, ""
	version := func(n int) info { return infoOf(Known(contract.Info{AgentVersion: fmt.Sprint("v", n)})) }
	take := func() {
		if _, said, ok := i.take(now); ok {
			writes, written = writes+1, said.agentVersion
		}
	}
	for n := range 6000 {
		i.set("press-07", version(n), now)
		take()
		now = now.Add(100 * time.Millisecond)
	}
	if writes < 10 || writes > 12 {
		t.Errorf("written %d times in 10 minutes", writes)
	}
	now = now.Add(infoEvery)
	if take(); written != "v5999" {
		t.Errorf("the last word is lost: %s", written)
	}
	if _, _, ok := i.take(now); ok {
		t.Error("it is written again, and says nothing else")
	}
}

// Once a second 200 of those that nobody waits for are asked.
func TestWhatNobodyWaitsForIsAskedForAtAPace(t *testing.T) {
	p, now, asked := newPaced(), time.Now(), 0
	for range 10 {
		for range spareMost {
			if p.spare(now) {
				asked++
			}
		}
		now = now.Add(100 * time.Millisecond)
	}
	if asked != spareMost {
		t.Errorf("%d are asked in a second", asked)
	}
	if !p.spare(now) {
		t.Error("nobody is asked in the next one")
	}
}
