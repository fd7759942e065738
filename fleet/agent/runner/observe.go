// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package runner

import (
	"context"
	"fmt"
	"strings"
	"time"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/agent/podman"
	"nationtech.io/harmony/fleet/contract"
)

const unhealthy, starting = "unhealthy", "starting"

// A probe is what is known of the health of one container.
type probe struct {
	status string
	next   time.Time
	asking bool
}

// observe says how a workload does of which everything is there.
func (r *Runner) observe(ctx context.Context, w workload, p contract.Podman, a actual) {
	phase, restarts := contract.Running, int64(0)
	var fault *diag.Diagnostic
	for _, service := range p.Services {
		c, _ := a.service(service.Name, w.Digest)
		d, err := r.podman.Inspect(ctx, c.ID)
		if err != nil {
			return // what is being done to podman meanwhile is seen by the next pass
		}
		restarts += d.RestartCount
		at := []string{w.Namespace, w.Name, service.Name}
		switch health := r.health(ctx, service, c); {
		case c.State == "exited" && c.ExitCode != 0:
			phase, fault = contract.Failed, diag.New(diag.ServiceEnded, at...).Saw(fmt.Sprintf("it ended with exit code %d, and is not to be started again", c.ExitCode))
		case health == unhealthy && fault == nil:
			phase, fault = contract.Degraded, diag.New(diag.Unhealthy, at...).Saw("its health check fails: "+strings.Join(service.Health.Command, " "))
		case health == starting && phase == contract.Running:
			phase = contract.Starting
		}
	}
	if r.restless(w.uid, restarts) && fault == nil {
		phase, fault = contract.Degraded, diag.New(diag.ServiceEnded, w.Namespace, w.Name).Saw(fmt.Sprintf("services ended and were started again, %d times so far", restarts))
	}
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

// health gives what the last health check of a container said, and has the next one made if it is time. Podman has no
// timers of its own without systemd.
func (r *Runner) health(ctx context.Context, service contract.Container, c podman.Listed) string {
	if service.Health == nil || c.State != "running" {
		return ""
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	p := r.probes[c.ID]
	if p == nil {
		p = &probe{status: starting}
		r.probes[c.ID] = p
	}
	if !p.asking && !r.now().Before(p.next) {
		p.asking = true
		r.jobs.Go(func() { r.probe(ctx, c.ID, p, service.Health.Interval()) })
	}
	return p.status
}

func (r *Runner) probe(ctx context.Context, id string, p *probe, interval time.Duration) {
	status, err := r.podman.Health(ctx, id)
	r.mu.Lock()
	p.asking, p.next = false, r.now().Add(interval)
	news := err == nil && status != p.status
	if err == nil {
		p.status = status
	}
	if podman.IsMissing(err) {
		delete(r.probes, id)
	}
	r.mu.Unlock()
	if news {
		r.changed()
	}
}

// Next gives how long to wait at most before the next pass.
func (r *Runner) Next() time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	next := calm
	now := r.now()
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
	alert    = 2 * time.Second        // while something comes up
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
