// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package runner

import (
	"context"
	"fmt"
	"strings"
	"time"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/contract"
)

// observe says how a workload does of which everything is there.
func (r *Runner) observe(ctx context.Context, w workload, p contract.Podman, a actual) {
	phase, restarts := contract.Running, int64(0)
	var fault *diag.Diagnostic
	for _, service := range p.Services {
		c, _ := a.service(service.Name, w.Digest)
		asked := r.now()
		d, err := r.podman.Inspect(ctx, c.ID)
		if err != nil {
			r.unseen(ctx, w.uid, asked, err)
			return // what is being done to podman meanwhile is seen by the next pass
		}
		restarts += d.RestartCount
		at := []string{w.Namespace, w.Name, service.Name}
		switch health, why := r.health(ctx, service, c, d); {
		case c.State == "exited" && c.ExitCode != 0:
			phase, fault = contract.Failed, diag.New(diag.ServiceEnded, at...).Saw(fmt.Sprintf("it ended with exit code %d, and is not to be started again", c.ExitCode))
		case health == unhealthy && fault == nil:
			phase, fault = contract.Degraded, diag.New(diag.Unhealthy, at...).Saw(why)
		case health == starting && phase == contract.Running:
			phase = contract.Starting
		}
	}
	if r.restless(w.uid, restarts) && fault == nil {
		phase, fault = contract.Degraded, diag.New(diag.ServiceEnded, w.Namespace, w.Name).Saw(fmt.Sprintf("services ended and were started again, %d times so far", restarts))
	}
	r.seen(w.uid)
	r.stands(w, phase, fault)
}

// restless notes how often services were restarted, and tells whether they were lately.
func (r *Runner) restless(uid contract.WorkloadUID, restarts int64) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	e := r.entry(uid)
	if restarts > e.status.Restarts {
		e.restarted = r.now()
	}
	e.status.Restarts = restarts
	return !e.restarted.IsZero() && r.now().Sub(e.restarted) < settled
}

// Next gives how long to wait at most before the next pass.
func (r *Runner) Next() time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	next := calm
	now := r.now()
	if r.silence.is() {
		next = alert
	}
	for _, e := range r.entries {
		switch {
		case e.job == nil && e.failures > 0:
			next = min(next, e.retry.Sub(now))
		case e.status.Phase == contract.Starting || e.status.Phase == contract.Degraded:
			next = min(next, alert)
		}
	}
	for _, p := range r.probes {
		if !p.asking {
			next = min(next, p.next.Sub(now))
		}
	}
	return max(next, shortest)
}

const (
	calm     = 10 * time.Second       // between passes when all is well
	alert    = 2 * time.Second        // while something comes up, or podman does not answer
	shortest = 200 * time.Millisecond // whatever the reason
)

// Message says a fault in one line, for a report.
func Message(fault *diag.Diagnostic) string {
	text := fault.Error()
	if i := strings.IndexByte(text, '\n'); i >= 0 {
		text = strings.ReplaceAll(text, "\n", "; ")
	}
	return text
}
