// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"nationtech.io/harmony/fleet/agent/natstest"
	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/operator/plane"
	"nationtech.io/harmony/wait"
)

func deviceID(t *testing.T, name string) contract.DeviceID {
	t.Helper()
	id, err := contract.ParseDeviceID(name)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// listens is a leader that only listens, and whose API server has a device of another fleet.
func listens(t *testing.T) *reign {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := fleet.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	objects := fake.NewClientBuilder().WithScheme(scheme).WithObjects(&fleet.Device{ObjectMeta: metav1.ObjectMeta{Name: "oven-3"}, Spec: fleet.DeviceSpec{Fleet: "east"}}).Build()
	o := &operator{log: slog.New(slog.DiscardHandler), reader: objects, state: plane.New(), infos: newInfos()}
	o.metrics = newMetrics(o)
	return &reign{operator: o, asked: newPaced()}
}

func TestDevicesThatSpeakAndAreNotEnrolledAreNamedWhenTheyGoOn(t *testing.T) {
	r, now := listens(t), time.Now()
	r.state.SetDevice("own-1", nil, now)
	for _, name := range []string{"own-1", "oven-3", "press-07", "short-1"} {
		r.accept(deviceID(t, name), "heartbeat")
	}
	condition := func() (bool, string) {
		r.strangers.looked = time.Time{}
		is, _, text := r.foreign(t.Context(), time.Now(), r.state.Summary())
		return is, text
	}
	if is, text := condition(); is {
		t.Errorf("they have just begun: %s", text)
	}
	for _, name := range []string{"oven-3", "press-07"} {
		one := r.strangers.all[name]
		one.first = one.first.Add(-strangeAfter)
		r.strangers.all[name] = one
	}
	is, text := condition()
	if want := "devices speak that are not enrolled in this fleet: oven-3 (of fleet east), press-07"; !is || text != want {
		t.Errorf("%t: %s", is, text)
	}
	r.state.SetDevice("press-07", nil, now)
	if _, text := condition(); strings.Contains(text, "press-07") {
		t.Errorf("it is enrolled by now: %s", text)
	}
}

func TestHoweverManyStrangersThereAreTheListIsShort(t *testing.T) {
	r, now := listens(t), time.Now()
	for i := range 2 * strangersMost {
		r.strangers.note(fmt.Sprint("stranger-", i), now)
		r.strangers.note(fmt.Sprint("stranger-", i), now.Add(strangeAfter))
	}
	if n := len(r.strangers.all); n != strangersMost {
		t.Errorf("%d are remembered", n)
	}
	text := r.outsiders(t.Context(), now.Add(strangeAfter))
	if n := strings.Count(text, "stranger-"); n != strangersNamed || !strings.HasSuffix(text, fmt.Sprintf("and %d more", strangersMost-strangersNamed)) {
		t.Errorf("%d are named: %s", n, text)
	}
	if left := r.strangers.list(r.state.Known, now.Add(strangeAfter+strangeFor+time.Second)); len(left)+len(r.strangers.all) != 0 {
		t.Errorf("%d are remembered though they are silent", len(left))
	}
}

func TestADeviceThatObeysAnotherControlPlaneIsForeign(t *testing.T) {
	r := listens(t)
	if is, why, text := r.foreign(t.Context(), time.Now(), plane.Summary{Foreign: []string{"press-07"}}); !is || why != "DevicesObeyAnother" || !strings.Contains(text, "press-07") {
		t.Errorf("%s: %s", why, text)
	}
}

func TestADeviceThatSpokeBeforeItWasEnrolledIsAskedForWhatItSaid(t *testing.T) {
	press := deviceID(t, "press-07")
	server := natstest.Start(t, map[contract.DeviceID]string{press: "p"})
	r := leading(t, server)
	device := server.Device(press)
	instance := contract.NewInstanceID()
	info, err := contract.Info{Device: press, Instance: instance, AgentVersion: "v1.2.3"}.Encode()
	if err != nil {
		t.Fatal(err)
	}
	say := func() { r.Info(press, info) }
	_, err = device.Subscribe(contract.CommandSubject(press, contract.VerbResync), func(*nats.Msg) { say() })
	if err == nil {
		err = device.Flush()
	}
	if err != nil {
		t.Fatal(err)
	}
	say()
	r.state.SetDevice(press.String(), nil, time.Now())
	state, err := contract.State{Device: press, Instance: instance, AgentVersion: "v1.2.3"}.Encode()
	if err != nil {
		t.Fatal(err)
	}
	r.State(press, state)
	beat, err := contract.Heartbeat{Instance: instance, Sequence: 1, State: contract.ReportHash(state)}.Encode()
	if err != nil {
		t.Fatal(err)
	}
	r.Heartbeat(press, beat)
	if len(r.asked.asked) != 0 {
		t.Error("it is asked while others are still to be heard of")
	}
	r.converged.Store(true)
	r.Heartbeat(press, beat)
	err = wait.Until(t.Context(), "what it says about itself", wait.Pace{Limit: toldLimit}, func(context.Context) (string, bool, error) {
		said := r.infos.unwritten(press.String())
		return fmt.Sprintf("%+v", said), said != nil && said.agentVersion == "v1.2.3", nil
	})
	if err != nil {
		t.Error(err)
	}
}
