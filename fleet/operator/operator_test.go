// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/runtime"

	"nationtech.io/harmony/diag"
	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/operator/bus"
	"nationtech.io/harmony/fleet/operator/plane"
)

func unready(err error) bool {
	var d *diag.Diagnostic
	return errors.As(err, &d) && d.Code == diag.OperatorUnready
}

func TestALeaderWhoseLoopsStandStillIsUnhealthyAndAStandbyIsNot(t *testing.T) {
	now := time.Now()
	o := &operator{}
	o.lively.Store(new(now.Add(-time.Hour)))
	if err := o.goesRound(now); err != nil {
		t.Errorf("a standby: %v", err)
	}
	o.leading.Store(true)
	if err := o.goesRound(now); !unready(err) {
		t.Errorf("a leader that stands still: %v", err)
	}
	o.lively.Store(&now)
	if err := o.goesRound(now); err != nil {
		t.Errorf("a leader that goes round: %v", err)
	}
}

func TestAnOperatorWithoutNATSIsUnready(t *testing.T) {
	b, err := bus.Open(bus.Config{URL: "nats://127.0.0.1:1", PasswordFile: "nowhere"}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if err := (&operator{bus: b}).connected(); !unready(err) || !strings.Contains(err.Error()+" 127.0.0.1:1", "127.0.0.1:1") {
		t.Errorf("got %v", err)
	}
}

func score(data string) fleet.Score {
	return fleet.Score{Type: contract.PodmanType, Data: runtime.RawExtension{Raw: []byte(data)}}
}

func TestTheSameScoreHasOneDigestHoweverItIsWritten(t *testing.T) {
	one, body, err := content(score(`{"services":[{"name":"web","image":"registry.example.com/web:1"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	two, _, err := content(score("{ \"services\": [ {\"image\":\"registry.example.com/web:1\",\n\"name\":\"web\"} ] }"))
	if err != nil || one != two {
		t.Errorf("%s and %s: %v", one, two, err)
	}
	if got := contract.DigestOf(body).String(); got != one {
		t.Errorf("the digest of the body is %s, not %s", got, one)
	}
	for _, odd := range []string{`{}`, `{"services":[]}`, `{"services":[{"name":"web","image":"registry.example.com/web:1","nonsense":1}]}`} {
		if _, _, err := content(score(odd)); err == nil {
			t.Errorf("%s is taken for a score", odd)
		}
	}
}

func TestAContentStaysWhileADeploymentAsksForIt(t *testing.T) {
	c := newContents()
	c.set("one", "d1", []byte("1"))
	c.set("two", "d1", []byte("1"))
	c.set("one", "d2", []byte("2"))
	c.keep("one", nil)
	if _, ok := c.get("d1"); !ok {
		t.Error("the other Deployment still asks for it")
	}
	c.drop("two")
	if _, ok := c.get("d1"); ok {
		t.Error("nobody asks for it")
	}
	c.drop("one")
	if left := c.all(); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}

func TestReadinessCountsOfflineDevicesApart(t *testing.T) {
	for _, c := range []struct {
		counts plane.Counts
		is     bool
		why    string
	}{
		{plane.Counts{}, false, "NothingMatched"},
		{plane.Counts{Matched: 2, Ready: 2}, true, "DevicesReady"},
		{plane.Counts{Matched: 2, Ready: 1, Offline: 1}, true, "OnlineDevicesReady"},
		{plane.Counts{Matched: 2, Offline: 2}, false, "DevicesOffline"},
		{plane.Counts{Matched: 2, Ready: 1, Pending: 1}, false, "DevicesPending"},
		{plane.Counts{Matched: 3, Ready: 1, Pending: 1, Failed: 1}, false, "DevicesFailed"},
	} {
		if is, why, _ := readiness(c.counts); is != c.is || why != c.why {
			t.Errorf("%+v: %t, %s", c.counts, is, why)
		}
	}
}

func TestADeviceThatFloodsIsNotReadButOthersAre(t *testing.T) {
	p, now := newPaced(), time.Now()
	read := map[string]int{}
	for range 100 {
		for _, device := range []string{"loud", "loud", "quiet"} {
			if device == "quiet" && read[device] > 3 {
				continue
			}
			if much, _ := p.floods(device, now); !much {
				read[device]++
			}
		}
	}
	if diff := cmp.Diff(map[string]int{"loud": floodsAbove, "quiet": 4}, read); diff != "" {
		t.Error(diff)
	}
	if much, _ := p.floods("loud", now.Add(time.Second)); much {
		t.Error("a second later it is still not read")
	}
}

func TestWhatGoesOverTheWireIsWhatWasDecided(t *testing.T) {
	device, err := contract.ParseDeviceID("press-07")
	if err != nil {
		t.Fatal(err)
	}
	here, digest := contract.NewPlaneID(), contract.DigestOf([]byte("body"))
	w := plane.Write{Device: "press-07", Order: plane.Order{Epoch: 1, Term: 2, Number: 3}, Entries: []plane.Entry{
		{Namespace: "shop", Name: "web", UID: here.String(), Generation: 4, Digest: digest.String(), Absent: true},
	}}
	data, err := encode(here, device, w)
	if err != nil {
		t.Fatal(err)
	}
	m, _, err := contract.DecodeManifest(data, device)
	if err != nil || m.Order != (contract.Order{Epoch: 1, Term: 2, Number: 3}) || len(m.Deployments) != 1 || m.Deployments[0].Want != contract.Absent {
		t.Errorf("%+v: %v", m, err)
	}
	s := contract.State{
		Device: device, Instance: contract.NewInstanceID(), AgentVersion: "v1", Plane: contract.NewPlaneID(), Order: m.Order, Manifest: digest,
	}
	said, err := s.Encode()
	if err != nil {
		t.Fatal(err)
	}
	r, err := decodeState(said, device, here)
	if err != nil || r.Foreign != s.Plane.String() || r.Hash != contract.ReportHash(said) || r.Order != w.Order {
		t.Errorf("%+v: %v", r, err)
	}
	if r, err = decodeState(said, device, s.Plane); err != nil || r.Foreign != "" {
		t.Errorf("%+v: %v", r, err)
	}
}
