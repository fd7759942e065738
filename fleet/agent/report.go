// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package agent

import (
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/agent/decide"
	"nationtech.io/harmony/fleet/agent/runner"
	"nationtech.io/harmony/fleet/contract"
)

// report sends what changed since it was last sent, and all of it when that was asked for.
func (k *keeper) report() {
	k.mu.Lock()
	all := k.resend
	k.mu.Unlock()
	if !k.link.connected() || !k.knows() {
		return
	}
	sent := k.send(contract.InfoSubject(k.config.Device), &k.sentInfo, k.info(), all)
	sent = k.send(contract.StateSubject(k.config.Device), &k.reported, k.state(), all) && sent
	if sent && all {
		k.mu.Lock()
		k.resend = false
		k.mu.Unlock()
	}
}

// knows tells whether there is something to say about what is held to. An agent that has just been started waits a while for the first
// answer of podman: what ran before it was started is not taken back.
func (k *keeper) knows() bool {
	return k.runner == nil || k.runner.Knows() || len(k.holds().Living()) == 0
}

// send sends a report if it is not the last that was sent, and tells whether that needs no other try.
func (k *keeper) send(subject string, last *string, report reply, always bool) bool {
	data, err := report.Encode()
	if err != nil {
		k.log.Error("a report cannot be written", "subject", subject, "reason", err.Error())
		return true
	}
	hash := contract.ReportHash(data)
	k.mu.Lock()
	same := *last == hash
	k.mu.Unlock()
	if same && !always {
		return true
	}
	if err := k.link.publish(subject, data); err != nil {
		k.log.Warn("a report was not sent", "subject", subject, "reason", err.Error())
		return false
	}
	k.mu.Lock()
	*last = hash
	k.mu.Unlock()
	return true
}

// hash tells which report was sent last, for the heartbeat.
func (k *keeper) hash() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.reported
}

// holds gives what is held to.
func (k *keeper) holds() decide.State {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.held
}

// state says what runs here. Those that are listed come first, if there should be more than fit.
func (k *keeper) state() contract.State {
	held := k.holds()
	s := contract.State{
		Device: k.config.Device, Instance: k.instance, Machine: k.facts.Machine, AgentVersion: k.facts.Version,
		Plane: held.Plane, Order: held.Order, Manifest: held.Manifest, Findings: k.findings.list(),
	}
	if held.Plane.IsZero() {
		s.Order, s.Manifest = contract.Order{}, contract.Digest{}
	}
	var rest []contract.Workload
	for _, uid := range held.Reported() {
		w := k.workload(uid, held.Records[uid])
		if held.Records[uid].Listed {
			s.Workloads = append(s.Workloads, w)
		} else {
			rest = append(rest, w)
		}
	}
	s.Workloads = append(s.Workloads, rest...)
	s.Workloads = s.Workloads[:min(len(s.Workloads), contract.MaxReported)]
	return s
}

func (k *keeper) workload(uid contract.WorkloadUID, r decide.Record) contract.Workload {
	w := contract.Workload{
		Namespace: r.Namespace, Name: r.Name, UID: uid, Generation: r.Generation, Digest: r.Digest, Want: r.Want,
		Phase: contract.Failed, Code: string(diag.RuntimeUnavailable), Message: "this agent runs no workloads", Since: k.facts.Started,
	}
	if k.runner != nil {
		is := k.runner.Status(uid, r.Digest)
		w.Phase, w.Code, w.Message, w.Restarts, w.Since = is.Phase, "", "", is.Restarts, is.Since
		if is.Fault != nil {
			w.Code, w.Message = string(is.Fault.Code), runner.Message(is.Fault)
		}
	}
	switch {
	case r.Ahead:
		w.Phase, w.Code = contract.Ahead, string(diag.GenerationAhead)
		w.Message = diag.New(diag.GenerationAhead, r.Namespace, r.Name).Error()
	case r.Want == contract.Absent:
		w.Phase = contract.Removing
	case !r.Listed && w.Phase == contract.Running:
		w.Phase = contract.Unlisted
	}
	return w
}

func (k *keeper) info() contract.Info {
	k.mu.Lock()
	runs := k.runtime
	k.mu.Unlock()
	f := k.facts
	return contract.Info{
		Device: k.config.Device, Instance: k.instance, Machine: f.Machine, AgentVersion: f.Version, Boot: f.Boot, Hostname: f.Hostname,
		CPUs: f.CPUs, MemoryBytes: f.MemoryBytes, Disks: disks(k.config.Runtime), Runtime: runs, Labels: k.config.Labels,
	}
}
