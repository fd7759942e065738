// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
	"nationtech.io/harmony/fleet/apiserver"
	"nationtech.io/harmony/fleet/apiserver/apiservertest"
	"nationtech.io/harmony/fleet/callout"
	"nationtech.io/harmony/fleet/callout/callouttest"
	"nationtech.io/harmony/fleet/callout/directory"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/operator/kick"
	"nationtech.io/harmony/fleet/operator/plane"
	"nationtech.io/harmony/wait"
)

// cutting lets an operator lead that closes connections on the servers of that world, and has taken its first look.
func cutting(t *testing.T, w *callouttest.World) *reign {
	t.Helper()
	r := unbegun(t, w)
	r.swept = true
	begin(t, r)
	return r
}

// unbegun gives the leader before it begins.
func unbegun(t *testing.T, w *callouttest.World) *reign {
	t.Helper()
	quiet := slog.New(slog.DiscardHandler)
	k, err := kick.Open(kick.Config{URL: w.URL(), User: callouttest.Kicker, PasswordFile: w.PasswordFile(callouttest.Kicker)}, quiet)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(k.Close)
	o := &operator{log: quiet, state: plane.New(), contents: newContents(), infos: newInfos(), kicker: k, cuts: newCuts()}
	o.enrolled = func() bool { return true }
	o.leading.Store(true)
	o.metrics = newMetrics(o)
	return &reign{operator: o, plane: w.Issuer.Plane, since: time.Now(), stale: make(chan int64, 1), asked: newPaced()}
}

// begin lets it close connections until the test ends.
func begin(t *testing.T, r *reign) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- every(ctx, cutEvery, r.cutOff) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	err := wait.Until(t.Context(), what, wait.Pace{Limit: 30 * time.Second}, func(context.Context) (string, bool, error) {
		return "not yet", holds(), nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func press07(t *testing.T) contract.DeviceID {
	t.Helper()
	id, err := contract.ParseDeviceID("press-07")
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestARevokedDeviceIsCutOffOnAClusterAndRefusedByEveryReplica(t *testing.T) {
	w := callouttest.StartWith(t, callouttest.Options{Servers: 3})
	kubernetes := apiservertest.Start(t)
	kubernetes.Fleet(w.Issuer.Plane)
	kubernetes.Device("press-07", fleet.AccessAllowed)
	for i := range w.URLs() {
		w.Callout(func(c *callout.Config) {
			c.Log = c.Log.With("replica", fmt.Sprint("r", i))
			f, err := apiserver.Open(kubernetes.Kubeconfig, apiservertest.Namespace, "test", c.Log)
			if err != nil {
				t.Fatal(err)
			}
			c.Directory = directory.Of(f)
		})
	}
	r := cutting(t, w)
	r.state.SetDevice("press-07", nil, time.Now())
	held := w.Issuer.Token("press-07", w.Enrol("press-07"))
	var stand []*nats.Conn
	for _, url := range w.URLs() {
		conn, err := w.DialAs("press-07", held, func(o *nats.Options) error { o.Servers, o.Url = []string{url}, url; return nil })
		if err != nil {
			t.Fatal(err)
		}
		stand = append(stand, conn)
	}
	began := time.Now()
	kubernetes.Device("press-07", fleet.AccessRevoked)
	r.setAccess("press-07", true, time.Now()) // as the operator's own watch says it
	for _, conn := range stand {
		eventually(t, "a connection that is closed", conn.IsClosed)
	}
	t.Logf("3 connections on 3 servers were closed %s after the device was revoked", time.Since(began).Round(time.Millisecond))
	replicas := map[string]bool{}
	eventually(t, "a token that is still valid is refused by every replica", func() bool {
		if _, err := w.DialAs("press-07", held); !errors.Is(err, nats.ErrAuthorization) {
			t.Fatalf("it was let in: %v", err)
		}
		for line := range strings.Lines(w.Log.String()) {
			for i := range w.URLs() {
				name := fmt.Sprint("r", i)
				if strings.Contains(line, `"verdict":"revoked"`) && strings.Contains(line, fmt.Sprintf(`"replica":%q`, name)) {
					replicas[name] = true
				}
			}
		}
		return len(replicas) == len(w.URLs())
	})
	eventually(t, "the operator says so", func() bool { why, _ := r.standing("press-07", false); return why == fleet.ReasonRevoked })
	if n := counted(t, r.operator)["harmony_fleet_connections_closed_total"]; n < 3 {
		t.Errorf("%v closed connections are counted", n)
	}
}

func TestARevokedDeviceThatCameInOnceMoreIsCutOffWhenItIsHeard(t *testing.T) {
	w := callouttest.Start(t)
	w.Callout(func(*callout.Config) {})
	r := cutting(t, w)
	r.state.SetDevice("press-07", nil, time.Now())
	r.setAccess("press-07", true, time.Now())
	eventually(t, "the first look", func() bool { return r.cuts.closed("press-07") })
	conn := w.Device("press-07") // a callout lets it in that has not heard of it
	eventually(t, "a connection that is closed", func() bool {
		r.Heartbeat(press07(t), []byte("garbage"))
		return conn.IsClosed()
	})
	if r.state.Online("press-07") {
		t.Error("it counts as online")
	}
}

func TestADeviceThatFloodsIsCutOffAndMayComeBack(t *testing.T) {
	w := callouttest.Start(t)
	w.Callout(func(*callout.Config) {})
	r := cutting(t, w)
	conn, other := w.Device("press-07"), w.Device("oven-11")
	r.state.SetDevice("press-07", nil, time.Now())
	for range lastingAbove + 1 {
		r.Heartbeat(press07(t), []byte("garbage"))
	}
	eventually(t, "a connection that is closed", conn.IsClosed)
	if err := other.Flush(); err != nil {
		t.Errorf("another device: %v", err)
	}
	if why, _ := r.standing("press-07", true); why != flooding {
		t.Errorf("it is said to be %s", why)
	}
	if again := w.Device("press-07"); again.Flush() != nil {
		t.Error("it is not let in again")
	}
}

func TestFloodingThatLastsIsMoreThanABurst(t *testing.T) {
	p, now := newPaced(), time.Now()
	for i := range lastingAbove {
		if _, lasting := p.floods("a", now.Add(time.Duration(i)*time.Millisecond)); lasting {
			t.Fatalf("after %d", i)
		}
	}
	if _, lasting := p.floods("a", now.Add(time.Second)); !lasting {
		t.Error("it floods")
	}
	if _, lasting := p.floods("a", now.Add(lastingFor)); lasting {
		t.Error("it has ended")
	}
}
