// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package runner

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"nationtech.io/harmony/fleet/agent/podman"
	"nationtech.io/harmony/fleet/contract"
)

const (
	unhealthy, starting = "unhealthy", "starting"
	// healthMargin is how much longer than its own timeout a health check may take: podman begins and ends a process for it.
	healthMargin = 30 * time.Second
)

// A probe is what is known of the health of one container.
type probe struct {
	status string
	next   time.Time
	asking bool
	failed int    // checks in a row that podman could not make
	why    string // it could not
}

// health gives what the last health check of a container said, and has the next one made if it is time. Podman has no
// timers of its own without systemd. The second is why it is unhealthy. What podman knows from before this agent ran holds until then.
func (r *Runner) health(ctx context.Context, service contract.Container, c podman.Listed, d podman.Details) (status, why string) {
	if service.Health == nil || c.State != "running" {
		return "", ""
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	p := r.probes[c.ID]
	if p == nil {
		p = &probe{status: cmp.Or(d.State.Health.Status, starting)}
		r.probes[c.ID] = p
	}
	if !p.asking && !r.now().Before(p.next) {
		p.asking = true
		counts := d.State.StartedAt.Add(time.Duration(service.Health.StartSeconds) * time.Second)
		r.jobs.Go(func() { r.probe(ctx, c.ID, p, *service.Health, counts) })
	}
	return p.status, cmp.Or(p.why, "its health check fails: "+strings.Join(service.Health.Command, " "))
}

// probe makes one health check. One that podman cannot make, or that has not ended long after its timeout, has failed: podman does
// not count those. They count after a time, as the others do. A podman that does not answer says nothing about health.
func (r *Runner) probe(ctx context.Context, id string, p *probe, check contract.HealthCheck, counts time.Time) {
	limited, cancel := context.WithTimeout(ctx, check.Timeout()+r.margin)
	defer cancel()
	status, err := r.podman.Health(limited, id)
	r.mu.Lock()
	before := p.status
	p.asking, p.next = false, r.now().Add(check.Interval())
	switch {
	case err == nil:
		p.status, p.failed, p.why = status, 0, ""
	case podman.IsMissing(err):
		delete(r.probes, id)
	case ctx.Err() != nil || podman.IsUnreachable(err) || podman.IsStopped(err) || r.now().Before(counts):
	default:
		if p.failed++; p.failed >= check.Tries() {
			p.status, p.why = unhealthy, unmade(err, check)
		}
	}
	news := p.status != before
	r.mu.Unlock()
	if news {
		r.changed()
	}
}

// unmade says why there is no result of a health check.
func unmade(err error, check contract.HealthCheck) string {
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Sprintf("its health check has not ended, and its timeout is %s", check.Timeout())
	}
	return "its health check cannot be made: " + err.Error()
}

// forgetProbes forgets those of containers that do not run any more.
func (r *Runner) forgetProbes(containers []podman.Listed) {
	running := map[string]bool{}
	for _, c := range containers {
		running[c.ID] = c.State == "running"
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for id, p := range r.probes {
		if !running[id] && !p.asking {
			delete(r.probes, id)
		}
	}
}
