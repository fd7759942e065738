// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package runner

import (
	"context"
	"math/rand/v2"
	"time"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/agent/decide"
	"nationtech.io/harmony/fleet/contract"
)

const (
	firstRetry = 2 * time.Second
	lastRetry  = 5 * time.Minute
	// excused is how often in a row a step may end because podman went away, and has not failed: the pauses after them are about
	// half a minute together.
	excused = 5
	// settled is for how long services must not have been restarted to be said to run.
	settled = 30 * time.Second
)

// A Status is how one workload stands.
type Status struct {
	Phase    contract.Phase
	Fault    *diag.Diagnostic // nil when nothing is wrong
	Restarts int64
	Since    time.Time // when Phase last changed
	// Digest is that of the release which Phase was seen of.
	Digest contract.Digest
}

// entry is what the runner remembers of one workload.
type entry struct {
	status    Status
	job       *job      // what is being done; nil when nothing is
	failures  int       // in a row
	retry     time.Time // before which nothing is tried again
	restarted time.Time // when Restarts was last seen to grow
	silence   silence
	tried     decide.Record
}

// A job is one step that is being taken.
type job struct {
	record decide.Record // what it was begun for
	cancel context.CancelFunc
}

// entry gives what is remembered of a workload; r.mu is held.
func (r *Runner) entry(uid contract.WorkloadUID) *entry {
	e := r.entries[uid]
	if e == nil {
		e = &entry{status: Status{Phase: contract.Pending, Since: r.now()}}
		r.entries[uid] = e
	}
	return e
}

// stands notes how a workload stands, and tells when that is news.
func (r *Runner) stands(w workload, phase contract.Phase, fault *diag.Diagnostic) {
	r.mu.Lock()
	e := r.entry(w.uid)
	news := e.status.Phase != phase || e.status.Digest != w.Digest || said(e.status.Fault) != said(fault)
	if e.status.Phase != phase {
		e.status.Since = r.now()
	}
	e.status.Phase, e.status.Fault, e.status.Digest = phase, fault, w.Digest
	r.mu.Unlock()
	if news {
		if fault != nil {
			r.log.Warn("a workload has trouble", "workload", w.uid.String(), "phase", string(phase), "code", string(fault.Code), "reason", Message(fault))
		}
		r.changed()
	}
}

func said(fault *diag.Diagnostic) string {
	if fault == nil {
		return ""
	}
	return string(fault.Code) + Message(fault)
}

// failed lets a step be tried again, later each time.
func (e *entry) failed(record decide.Record, now time.Time) {
	if e.tried.Digest != record.Digest || e.tried.Want != record.Want {
		e.failures = 0
	}
	e.tried = record
	pause := min(firstRetry<<min(e.failures, 10), lastRetry)
	e.failures++
	e.retry = now.Add(pause/2 + rand.N(pause/2))
}

// interrupted is how far a workload got.
func (e *entry) interrupted(w workload) contract.Phase {
	switch {
	case e.status.Digest != w.Digest:
		return contract.Pending
	case e.status.Phase == contract.Running:
		return contract.Starting // a step is taken when not all of it does
	}
	return e.status.Phase
}

// due tells whether a step may be tried now: at once when something else is wanted than what failed.
func (e *entry) due(record decide.Record, now time.Time) bool {
	return e.failures == 0 || !now.Before(e.retry) || e.tried.Digest != record.Digest || e.tried.Want != record.Want
}
