// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"time"

	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/operator/plane"
)

// encode gives a manifest as it goes over the wire.
func encode(from contract.PlaneID, to contract.DeviceID, w plane.Write) ([]byte, error) {
	m := contract.Manifest{Plane: from, Device: to, Order: contract.Order(w.Order)}
	if w.Adopts != "" {
		adopts, err := contract.ParsePlaneID(w.Adopts)
		if err != nil {
			return nil, err
		}
		m.Adopts = adopts
	}
	for _, e := range w.Entries {
		uid, err := contract.ParseWorkloadUID(e.UID)
		if err != nil {
			return nil, err
		}
		digest, err := contract.ParseDigest(e.Digest)
		if err != nil {
			return nil, err
		}
		want := contract.Present
		if e.Absent {
			want = contract.Absent
		}
		m.Deployments = append(m.Deployments, contract.Entry{
			Namespace: e.Namespace, Name: e.Name, UID: uid, Generation: e.Generation, Digest: digest, Want: want,
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
	r := plane.Report{
		Instance: s.Instance.String(), Order: plane.Order(s.Order), Manifest: s.Manifest, Hash: contract.ReportHash(data),
	}
	if !s.Plane.IsZero() && s.Plane != here {
		r.Foreign = s.Plane.String()
	}
	for _, w := range s.Workloads {
		r.Workloads = append(r.Workloads, plane.Workload{
			UID: w.UID.String(), Generation: w.Generation, Digest: w.Digest.String(), Phase: plane.Phase(w.Phase), Code: w.Code, Message: w.Message,
		})
	}
	for _, f := range s.Findings {
		r.Findings = append(r.Findings, plane.Finding{Kind: string(f.Kind), Code: f.Code, Message: f.Message})
	}
	return r, nil
}

func decodeInfo(data []byte, from contract.DeviceID) (info, error) {
	i, err := contract.DecodeInfo(data, from)
	return info{i.AgentVersion, i.Boot.OS, i.Boot.Arch, i.Boot.Kernel}, err
}

// resyncLimit is for how long the request for a report is worth an answer.
const resyncLimit = 30 * time.Second

// resync is the command that asks a device for all that it has to report.
func resync(from contract.PlaneID, to contract.DeviceID) ([]byte, error) {
	return contract.Command{
		Verb: contract.VerbResync, Plane: from, Device: to, Request: contract.NewRequestID(),
		Deadline: time.Now().Add(resyncLimit), Caller: "harmony-fleet-operator", Args: contract.NoArgs(),
	}.Encode()
}
