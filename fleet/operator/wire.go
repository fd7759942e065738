// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"fmt"
	"time"

	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
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
	if err != nil {
		return info{}, err
	}
	return infoOf(Known(i)), nil
}

// Known is what the operator writes of that into the status of a Device, conditions aside. How full its disks are is left out:
// that changes all the time.
func Known(i contract.Info) fleet.DeviceStatus {
	has := &fleet.DeviceInventory{
		Hostname: i.Hostname, CPUs: int32(i.CPUs), MemoryBytes: i.MemoryBytes, Disks: []fleet.DeviceDisk{}, Runtime: i.Runtime, Labels: []fleet.ReportedLabel{},
	}
	for _, d := range i.Disks {
		has.Disks = append(has.Disks, fleet.DeviceDisk{Path: d.Path, Bytes: d.Bytes})
	}
	for _, l := range i.Labels {
		has.Labels = append(has.Labels, fleet.ReportedLabel{Name: l.Name, Value: l.Value})
	}
	s := fleet.DeviceStatus{AgentVersion: i.AgentVersion, OS: i.Boot.OS, Arch: i.Boot.Arch, Kernel: i.Boot.Kernel, Inventory: has}
	has.Hash = contract.ReportHash(fmt.Appendf(nil, "%#v", []any{s.AgentVersion, s.OS, s.Arch, s.Kernel, *has}))
	return s
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
