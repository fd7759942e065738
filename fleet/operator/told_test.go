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

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"
	"k8s.io/apimachinery/pkg/labels"

	"nationtech.io/harmony/fleet/agent/natstest"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/operator/bus"
	"nationtech.io/harmony/fleet/operator/plane"
	"nationtech.io/harmony/fleet/sim"
	"nationtech.io/harmony/wait"
)

// A told fleet is simulated devices that a leader commands, over a real server; only Kubernetes is not there.
type told struct {
	*reign
	*sim.Fleet
	uid contract.WorkloadUID
}

const toldLimit = 30 * time.Second

// tell starts n devices, several of which share a connection, under a leader; those with a script follow it. It ends with the
// test.
func tell(t *testing.T, n, each int, scripts map[int]sim.Behaviour) *told {
	t.Helper()
	var ids []contract.DeviceID
	for i := range n {
		id, err := contract.ParseDeviceID(fmt.Sprintf("sim-%d", i))
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	groups := sim.Groups(ids, each)
	server := natstest.StartShared(t, groups)
	lines, err := sim.Connect(t.Context(), server.URL(), func(d []contract.DeviceID) (user, password string) { return d[0].String(), d[0].String() }, groups)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { sim.Close(lines) })
	uid, err := contract.ParseWorkloadUID("3f0c2a9e-5b1d-4c77-9a64-0d2b8e6f1a35")
	if err != nil {
		t.Fatal(err)
	}
	f := &told{leading(t, server), sim.New(lines, sim.Config{Beat: time.Second}), uid}
	for _, id := range ids {
		f.state.SetDevice(id.String(), labels.Set{"site": "north"}, time.Now())
	}
	for i, script := range scripts {
		f.Devices()[i].Behave(script)
	}
	ctx, stop := context.WithCancel(t.Context())
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return every(ctx, writeEvery, f.write) })
	group.Go(func() error {
		return every(ctx, lookEvery, func(_ context.Context, now time.Time) error { f.sendAgain(now); return nil })
	})
	group.Go(func() error { return f.Run(ctx) })
	t.Cleanup(func() {
		stop()
		if err := group.Wait(); err != nil {
			t.Error(err)
		}
	})
	return f
}

// leading gives a leader that hears devices.
func leading(t *testing.T, server *natstest.Server) *reign {
	t.Helper()
	password := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(password, []byte(natstest.FleetUser), 0o600); err != nil {
		t.Fatal(err)
	}
	quiet := slog.New(slog.DiscardHandler)
	b, err := bus.Open(bus.Config{URL: server.URL(), User: natstest.FleetUser, PasswordFile: password}, quiet)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	if _, err := b.Mend(t.Context()); err != nil {
		t.Fatal(err)
	}
	o := &operator{log: quiet, state: plane.New(), contents: newContents(), infos: newInfos(), bus: b, cuts: newCuts()}
	o.metrics = newMetrics(o)
	r := &reign{operator: o, plane: contract.NewPlaneID(), hears: time.Now(), stale: make(chan int64, 1), asked: newPaced()}
	r.ready.Store(true)
	r.knows.Store(true)
	o.state.SetGrants([]plane.Grant{{Namespace: "fleet", Devices: labels.Everything()}})
	o.state.Lead(1, 1, "")
	stop, err := b.Listen(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return r
}

// release lets the Deployment of all devices ask for an image.
func (f *told) release(t *testing.T, generation int64, image string) contract.Digest {
	t.Helper()
	digest, body, err := content(score(fmt.Sprintf(`{"services":[{"name":"web","image":%q}]}`, image)))
	if err != nil {
		t.Fatal(err)
	}
	if err := f.bus.PutBody(t.Context(), digest, body); err != nil {
		t.Fatal(err)
	}
	f.contents.set(f.uid.String(), digest, body)
	f.deployment(digest, generation, false)
	is, err := contract.ParseDigest(digest)
	if err != nil {
		t.Fatal(err)
	}
	return is
}

func (f *told) deployment(digest string, generation int64, deleting bool) {
	f.state.SetDeployment(plane.Deployment{
		Namespace: "fleet", Name: "web", UID: f.uid.String(), Generation: generation, EntryGeneration: generation, Digest: digest,
		Selector: labels.SelectorFromSet(labels.Set{"site": "north"}), Deleting: deleting,
	})
}

// counts waits until the leader counts so.
func (f *told) counts(t *testing.T, want plane.Counts) {
	t.Helper()
	err := wait.Until(t.Context(), fmt.Sprintf("the leader to count %+v", want), wait.Pace{Limit: toldLimit}, func(context.Context) (string, bool, error) {
		got, _ := f.state.Count(f.uid.String())
		return fmt.Sprintf("%+v", got.Counts), got.Counts == want, nil
	})
	if err != nil {
		t.Errorf("%v; the devices: %+v", err, f.Books.Counts())
	}
}

// runs waits until that release runs on so many devices, by their own count.
func (f *told) runs(t *testing.T, digest contract.Digest, devices int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), toldLimit)
	defer cancel()
	if _, err := f.Books.Await(ctx, f.uid, digest, devices); err != nil {
		t.Fatalf("%v; %+v", err, f.Books.Counts())
	}
}

// messages gives how many of a kind the leader counted with that verdict.
func (f *told) messages(t *testing.T, kind, verdict string) (n float64) {
	t.Helper()
	all := prometheus.NewRegistry()
	if err := all.Register(f.metrics.messages); err != nil {
		t.Fatal(err)
	}
	families, err := all.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		for _, m := range family.GetMetric() {
			if l := m.GetLabel(); l[0].GetValue() == kind && l[1].GetValue() == verdict {
				n += m.GetCounter().GetValue()
			}
		}
	}
	return n
}
