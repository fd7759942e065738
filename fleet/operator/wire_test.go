// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"errors"
	"testing"
	"time"

	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/operator/plane"
)

// FuzzWhatADeviceSays hands arbitrary reports, inventories and heartbeats of one device to a leader: each is refused with a
// reason, or concerns that device alone.
func FuzzWhatADeviceSays(f *testing.F) {
	press, err := contract.ParseDeviceID("press-07")
	if err != nil {
		f.Fatal(err)
	}
	here := contract.NewPlaneID()
	instance := contract.NewInstanceID()
	for _, seed := range []interface{ Encode() ([]byte, error) }{
		contract.State{Device: press, Instance: instance, AgentVersion: "v1", Plane: here, Order: contract.Order{Epoch: 1, Term: 2, Number: 3}, Manifest: contract.DigestOf(nil)},
		contract.State{Device: press, Instance: instance, AgentVersion: "v1", Plane: contract.NewPlaneID(), Order: contract.Order{Epoch: 1, Term: 9, Number: 3}, Manifest: contract.DigestOf(nil)},
		contract.Info{Device: press, Instance: instance, AgentVersion: "v1", Boot: contract.Boot{OS: "linux", Arch: "arm64"}},
		contract.Heartbeat{Instance: instance, Sequence: 7},
	} {
		data, err := seed.Encode()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
		f.Add(data[:len(data)/2])
	}
	f.Add([]byte("{}"))
	f.Add([]byte("\xff{garbage"))
	f.Fuzz(func(t *testing.T, data []byte) {
		now := time.Now()
		s := plane.New()
		s.Lead(1, 1, "")
		s.SetDevice("press-07", nil, now)
		s.SetDevice("oven-11", nil, now)
		report, err := decodeState(data, press, here)
		if err == nil {
			s.Report(press.String(), report, now)
		}
		refused(t, "state", err)
		_, err = decodeInfo(data, press)
		refused(t, "info", err)
		beat, err := contract.DecodeHeartbeat(data)
		if err == nil {
			s.Heartbeat(press.String(), beat.Instance.String(), beat.State, now)
		}
		refused(t, "heartbeat", err)
		if s.Online("oven-11") {
			t.Errorf("%q: another device lives by it", data)
		}
		s.Next(now.Add(time.Minute), 10)
	})
}

func refused(t *testing.T, kind string, err error) {
	t.Helper()
	var r *contract.Refusal
	if err != nil && (!errors.As(err, &r) || r.Code == "") {
		t.Errorf("%s: %v is no refusal with a code", kind, err)
	}
}
