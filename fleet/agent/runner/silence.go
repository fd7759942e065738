// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package runner

import (
	"context"
	"time"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/agent/podman"
	"nationtech.io/harmony/fleet/contract"
)

// blind is for how long podman may not answer until what was seen last is not told any more. Podman is away for some seconds when
// it is updated or was killed, and its containers go on without it; a question that hangs is given up after 30 seconds.
const blind = 30 * time.Second

// A silence is for how long podman has been asked in vain. The zero value is none.
type silence struct {
	began time.Time // when it was first asked in vain
	fault *diag.Diagnostic
	since time.Time // when fault was first said
}

func (s *silence) is() bool { return !s.began.IsZero() }

// vain notes a question that was asked in vain. There is a fault when the first of them is long ago.
func (s *silence) vain(asked, now time.Time, err error) {
	if s.began.IsZero() {
		s.began = asked
	}
	if s.fault == nil && now.Sub(s.began) >= blind {
		s.fault, s.since = unavailable(err), now
	}
}

// over tells how a workload stands of which was last seen that: nobody knows whether it runs.
func (s *silence) over(is Status) Status {
	if s.fault == nil || is.Fault != nil {
		return is
	}
	is.Fault = s.fault
	if is.Phase == contract.Running {
		is.Phase, is.Since = contract.Degraded, s.since
	}
	return is
}

// unanswered notes that podman could not be asked what is there.
func (r *Runner) unanswered(asked time.Time, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.silence.vain(asked, r.now(), err)
}

// answered notes that podman was asked, and said what is there.
func (r *Runner) answered() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.silence, r.looked = silence{}, true
}

// unseen notes that podman could not be asked about one workload. What is being taken away just now is no silence.
func (r *Runner) unseen(ctx context.Context, uid contract.WorkloadUID, asked time.Time, err error) {
	if ctx.Err() != nil || podman.IsMissing(err) {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	e := r.entry(uid)
	e.silence.vain(asked, r.now(), err)
}

// seen notes that podman said all about one workload.
func (r *Runner) seen(uid contract.WorkloadUID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.entry(uid).silence = silence{}
}
