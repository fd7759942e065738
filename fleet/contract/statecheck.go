// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package contract

import "time"

const maxNote = 256 // bytes of a message within a report

func (s State) complete() *Refusal {
	held := !s.Plane.IsZero()
	switch {
	case s.Device.IsZero() || s.Instance.IsZero():
		return refuse(CodeMalformed, "device and instance are required")
	case !isText(s.AgentVersion, maxFact) || !isPrintable(s.AgentVersion):
		return refuse(CodeMalformed, "agent_version is required: 1 to %d bytes that can be printed", maxFact)
	case !isMachine(s.Machine):
		return refuse(CodeMalformed, "machine is 32 hexadecimal digits, or left out")
	case held && (!s.Order.valid() || s.Manifest.IsZero()) || !held && (!s.Order.IsZero() || !s.Manifest.IsZero()):
		return refuse(CodeMalformed, "plane, order and manifest go together")
	case len(s.Workloads) > MaxReported || len(s.Findings) > MaxFindings:
		return refuse(CodeMalformed, "at most %d workloads and %d findings are accepted", MaxReported, MaxFindings)
	}
	uids := map[WorkloadUID]bool{}
	for i, w := range s.Workloads {
		if r := w.complete(); r != nil {
			return r
		}
		if uids[w.UID] || i > 0 && compareWorkloads(s.Workloads[i-1], w) >= 0 {
			return refuse(CodeMalformed, "workloads are not in order at %d, or one is given twice", i)
		}
		uids[w.UID] = true
	}
	for i, f := range s.Findings {
		if !f.valid() {
			return refuse(CodeMalformed, "finding %d has not kind, code, message and since as it must", i)
		}
	}
	return nil
}

func (w Workload) complete() *Refusal {
	switch {
	case w.UID.IsZero() || w.Digest.IsZero() || !w.Want.valid() || !w.Phase.valid() || !isLabel(w.Namespace) || !isLabel(w.Name):
		return refuse(CodeMalformed, "a workload has namespace, name, uid, digest, want and a phase that is known")
	case !isCounter(w.Generation) || w.Restarts < 0 || w.Restarts > maxCounter:
		return refuse(CodeMalformed, "workload %s: generation is from 1, restarts from 0, both to 2^53-1", w.UID)
	case w.Code != "" && !isFault(w.Code) || w.Code == "" && w.Message != "" || w.Message != "" && !isText(w.Message, maxNote):
		return refuse(CodeMalformed, "workload %s: a code is 1 to 40 of A-Z, a-z, 0-9 and '-', a message has %d bytes at most", w.UID, maxNote)
	case !isSecond(w.Since):
		return refuse(CodeMalformed, "workload %s: since is a time in whole seconds UTC", w.UID)
	}
	return nil
}

func (f Finding) valid() bool {
	return isFault(string(f.Kind)) && isFault(f.Code) && isText(f.Message, maxNote) && isSecond(f.Since) && (f.Plane == nil || !f.Plane.IsZero())
}

// isFault tells whether s is a word or a code such as HRM0801.
func isFault(s string) bool {
	return s != "" && len(s) <= 40 && only(s, func(c byte) bool {
		return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-'
	})
}

func isMachine(s string) bool { return s == "" || len(s) == 32 && isHex(s) }

func isSecond(t time.Time) bool {
	return !t.IsZero() && inCalendar(t) && t.Equal(t.UTC().Truncate(time.Second))
}
