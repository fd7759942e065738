// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/labels"

	"nationtech.io/harmony/fleet/agent"
	"nationtech.io/harmony/fleet/agent/config"
	"nationtech.io/harmony/fleet/agent/natstest"
	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/operator/plane"
	"nationtech.io/harmony/wait"
)

// clone starts a real agent; all have one identity, as after a disk was copied.
func clone(t *testing.T, of contract.DeviceID, server *natstest.Server) (stop func()) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "agent.toml")
	text := fmt.Sprintf("device = %q\nheartbeat_interval = \"300ms\"\n[nats]\nurls = [%q]\n[credentials]\ntype = \"user-pass\"\nuser = %q\npassword = \"p\"\n[health]\nlisten = \"\"\n",
		of, server.URL(), of)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- agent.New(c, agent.Gather("v-test", ""), slog.New(slog.DiscardHandler)).Run(ctx) }()
	stopped := false
	stop = func() {
		if cancel(); stopped {
			return
		}
		stopped = true
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(stop)
	return stop
}

func TestNothingIsWrittenWhileTwoAgentsSpeakForOneDevice(t *testing.T) {
	press := deviceID(t, "press-07")
	server := natstest.Start(t, map[contract.DeviceID]string{press: "p"})
	f := &told{reign: leading(t, server)}
	f.uid = contract.WorkloadUID{}
	if err := f.uid.UnmarshalText([]byte("3f0c2a9e-5b1d-4c77-9a64-0d2b8e6f1a35")); err != nil {
		t.Fatal(err)
	}
	f.state.SetDevice(press.String(), labels.Set{"site": "north"}, time.Now())
	until := func(what string, ok func(plane.View) bool) {
		t.Helper()
		err := wait.Until(t.Context(), what, wait.Pace{Limit: toldLimit}, func(context.Context) (string, bool, error) {
			v, _ := f.state.View(press.String())
			return fmt.Sprintf("%+v", v), ok(v), nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	clone(t, press, server)
	stop := clone(t, press, server)
	until("both to be found", func(v plane.View) bool { return v.Duplicate })
	if why, _ := f.standing(press.String(), true); why != fleet.ReasonDuplicate {
		t.Errorf("its Device says %s", why)
	}
	f.release(t, 1, "registry.example.com/web:1")
	if err := f.write(t.Context(), time.Now()); err != nil || f.state.Order().Number != 0 {
		t.Errorf("it is told something: %+v, %v", f.state.Order(), err)
	}
	written := func() float64 { return counted(t, f.operator)["harmony_fleet_manifests_written_total"] }
	if n := written(); n != 0 {
		t.Errorf("%v manifests are counted", n)
	}
	stop()
	until("the one that is left to be told, and to obey", func(v plane.View) bool {
		f.state.Sweep(time.Now().Add(3 * time.Minute)) // the other one is not heard any more
		if err := f.write(t.Context(), time.Now()); err != nil {
			t.Error(err)
		}
		return len(v.Workloads) == 1
	})
	if n := written(); n == 0 {
		t.Error("the manifest is not counted")
	}
	if why, _ := f.standing(press.String(), true); why != heard {
		t.Errorf("one has gone, and its Device says %s", why)
	}
}
