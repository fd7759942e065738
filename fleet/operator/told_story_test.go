// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"context"
	"fmt"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/labels"

	"nationtech.io/harmony/fleet/agent/natstest"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/operator/plane"
	"nationtech.io/harmony/fleet/sim"
	"nationtech.io/harmony/wait"
)

func TestTwoHundredDevicesObey(t *testing.T) {
	const n = 200
	f := tell(t, n, 10, nil)
	f.runs(t, f.release(t, 1, "registry.example.com/web:1"), n)
	f.counts(t, plane.Counts{Matched: n, Updated: n, Ready: n})
	asked := f.Books.Counts().Asked
	second := f.release(t, 2, "registry.example.com/web:2")
	f.runs(t, second, n)
	// A device that fetches its manifest just then may have it before the content.
	if more := f.Books.Counts().Asked - asked; more > n/10 {
		t.Errorf("%d devices asked for what goes ahead of their manifests", more)
	}
	f.counts(t, plane.Counts{Matched: n, Updated: n, Ready: n})
	for _, d := range f.Devices() {
		if is := d.Runs()[f.uid]; is != (sim.Run{Digest: second, Generation: 2}) {
			t.Errorf("%s runs %+v", d.ID(), is)
		}
	}
	// Each device has fetched each content, and hashed it.
	if c := f.Books.Counts(); c.Bodies < 2*n || c.Wrong+c.Backwards+c.Malformed+c.Foreign+c.Missed+c.Denied+f.Books.Removed(f.uid) != 0 {
		t.Errorf("the devices counted %+v, and %d removals", c, f.Books.Removed(f.uid))
	}
	f.deployment(second.String(), 3, true)
	f.counts(t, plane.Counts{Matched: n, Pending: n})
	if removed := f.Books.Removed(f.uid); removed != n || f.Books.Running(f.uid, second) != 0 {
		t.Errorf("%d devices removed it, and it runs on %d", removed, f.Books.Running(f.uid, second))
	}
}

func TestSomeRefuseAndJustTheOthersRun(t *testing.T) {
	const n, refuse = 200, 30
	scripts := map[int]sim.Behaviour{}
	for i := range refuse {
		scripts[i] = sim.Behaviour{Fail: "image-missing"}
	}
	f := tell(t, n, 1, scripts)
	digest := f.release(t, 1, "registry.example.com/web:1")
	f.counts(t, plane.Counts{Matched: n, Updated: n, Ready: n - refuse, Failed: refuse})
	if runs := f.Books.Running(f.uid, digest); runs != n-refuse {
		t.Errorf("it runs on %d devices", runs)
	}
	for _, d := range f.Devices()[:refuse] {
		d.Behave(sim.Behaviour{})
	}
	f.runs(t, digest, n)
	f.counts(t, plane.Counts{Matched: n, Updated: n, Ready: n})
}

func TestLiarsAreNotCountedAsReadyAndHostileDevicesHarmNobody(t *testing.T) {
	const n, liars = 20, 2
	victim, err := contract.ParseDeviceID("sim-19")
	if err != nil {
		t.Fatal(err)
	}
	f := tell(t, n, 1, map[int]sim.Behaviour{
		0: {Lie: true}, 1: {Lie: true}, 2: {Garbage: true}, 3: {Oversized: true}, 4: {As: victim},
	})
	const good = n - liars - 3
	digest := f.release(t, 1, "registry.example.com/web:1")
	f.runs(t, digest, good)
	err = wait.Until(t.Context(), "each attack to be made and refused", wait.Pace{Limit: toldLimit}, func(context.Context) (string, bool, error) {
		state, info, beat := f.messages(t, "state", "refused"), f.messages(t, "info", "refused"), f.messages(t, "heartbeat", "refused")
		denied := f.Books.Counts().Denied
		// Garbage and a false name, garbage, garbage and what is too large; the server refuses the subject of another.
		return fmt.Sprint(state, info, beat, denied), state >= 2 && info >= 1 && beat >= 2 && denied >= 1, nil
	})
	if err != nil {
		t.Error(err)
	}
	// The hostile ones never say anything true: nobody knows that they are there.
	f.counts(t, plane.Counts{Matched: n, Updated: good, Ready: good, Pending: liars, Offline: 3})
	if runs := f.Books.Running(f.uid, digest); runs != good {
		t.Errorf("it runs on %d devices", runs)
	}
	if v, _ := f.state.View(victim.String()); len(v.Workloads) != 1 || v.Wants[0].Standing != plane.Ready || v.Duplicate {
		t.Errorf("the device whose name was taken: %+v", v)
	}
}

// Fifty thousand devices would otherwise wait for fifty rounds.
func TestALargeFleetIsWrittenInOneRound(t *testing.T) {
	const n = 2*writeMost + 500
	r := leading(t, natstest.Start(t, nil))
	for i := range n {
		r.state.SetDevice(fmt.Sprintf("sim-%d", i), labels.Set{"site": "north"}, time.Now())
	}
	if err := r.write(t.Context(), time.Now()); err != nil {
		t.Fatal(err)
	}
	if left := r.state.Summary().Unwritten; left != 0 || r.state.Order().Number != n {
		t.Errorf("%d manifests are left, %d were written", left, r.state.Order().Number)
	}
}
