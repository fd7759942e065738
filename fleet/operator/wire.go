// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"encoding/json"
	"time"

	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/operator/plane"
)

// encode gives a manifest as it goes over the wire.
func encode(from contract.PlaneID, to contract.DeviceID, w plane.Write) ([]byte, error) {
	m := contract.Manifest{Plane: from, Device: to, Order: contract.Order(w.Order)}
	for _, e := range w.Entries {
		want := contract.WantPresent
		if e.Absent {
			want = contract.WantAbsent
		}
		m.Deployments = append(m.Deployments, contract.Entry{
			Namespace: e.Namespace, Name: e.Name, UID: e.UID, Generation: e.Generation, Digest: e.Digest, Want: want,
		})
	}
	return m.Encode()
}

// decodeState reads what a device reports, seen from this control plane.
func decodeState(data []byte, from contract.DeviceID, here contract.PlaneID) (plane.Report, error) {
	s, err := contract.DecodeState(data, from)
	if err != nil {
		return plane.Report{}, err
	}
	r := plane.Report{Instance: s.Instance.String(), Order: plane.Order(s.Order), Foreign: !s.Plane.IsZero() && s.Plane != here}
	for _, w := range s.Workloads {
		r.Workloads = append(r.Workloads, plane.Workload{
			UID: w.UID, Generation: w.Generation, Digest: w.Digest, Phase: plane.Phase(w.Phase), Code: string(w.Code), Message: w.Message,
		})
	}
	return r, nil
}

func decodeInfo(data []byte, from contract.DeviceID) (info, error) {
	i, err := contract.DecodeInfo(data, from)
	return info{i.AgentVersion, i.OS, i.Arch, i.Kernel}, err
}

// resyncLimit is for how long the request for a report is worth an answer.
const resyncLimit = 30 * time.Second

// resync is the command that asks a device for all that it has to report.
func resync(from contract.PlaneID, to contract.DeviceID) ([]byte, error) {
	return contract.Command{
		Verb: contract.VerbResync, Plane: from, Device: to, Request: contract.NewRequestID(),
		Deadline: time.Now().Add(resyncLimit), Caller: "harmony-fleet-operator", Args: json.RawMessage("{}"),
	}.Encode()
}
