// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package runner

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/agent/decide"
	"nationtech.io/harmony/fleet/agent/podman"
	"nationtech.io/harmony/fleet/contract"
)

// Options are what a runner works with; all but Login are required.
type Options struct {
	Podman *podman.Client
	// Release gives the release that a digest names, however long it takes to fetch. Its error is a *diag.Diagnostic.
	Release func(context.Context, contract.Digest) (contract.Release, error)
	// Have gives it at once, or tells that the device does not have it.
	Have func(contract.Digest) (contract.Release, bool)
	// Login gives what the registry of an image knows this device by; nil when none knows it.
	Login func(image string) podman.Login
	// Changed is called, with no lock held, whenever a Status changed or another Pass is worth it. It must not block.
	Changed func()
	Log     *slog.Logger
	Now     func() time.Time
}

// A Runner makes workloads be what they should be. Its methods may be called by several at once, Pass by one.
type Runner struct {
	podman  *podman.Client
	release func(context.Context, contract.Digest) (contract.Release, error)
	have    func(contract.Digest) (contract.Release, bool)
	login   func(string) podman.Login
	changed func()
	log     *slog.Logger
	now     func() time.Time
	work    turns         // of what podman makes and takes away
	pulls   turns         // of images that are fetched
	quiet   time.Duration // that of a pull which is ended
	margin  time.Duration // of health checks
	jobs    sync.WaitGroup

	mu      sync.Mutex
	entries map[contract.WorkloadUID]*entry
	probes  map[string]*probe // by container
	silence silence
	looked  bool // podman has answered
}

// New makes a runner. It does nothing until Pass is called.
func New(o Options) *Runner {
	r := &Runner{
		podman: o.Podman, release: o.Release, have: o.Have, login: o.Login, changed: o.Changed, log: o.Log, now: o.Now,
		work: newTurns(), pulls: newTurns(), quiet: pullSilence, margin: healthMargin, entries: map[contract.WorkloadUID]*entry{}, probes: map[string]*probe{},
	}
	if r.login == nil {
		r.login = func(string) podman.Login { return podman.Login{} }
	}
	return r
}

// A Look is what a pass saw.
type Look struct {
	// Removed are workloads that were wanted absent and of which nothing is left.
	Removed []contract.WorkloadUID
	// Found are workloads that run here and are not held to.
	Found map[contract.WorkloadUID]decide.Record
}

// Pass looks at what is there, and begins what is to be done; it waits for none of that. The error is a
// *diag.Diagnostic, HRM0801, when podman could not be asked; then nothing was begun.
func (r *Runner) Pass(ctx context.Context, held decide.State) (Look, error) {
	idle := r.idle() // before the look: what is begun after it is begun here
	asked := r.now()
	containers, err := r.podman.Containers(ctx, labelUID)
	if err != nil {
		if ctx.Err() == nil {
			r.unanswered(asked, err)
		}
		return Look{}, unavailable(err)
	}
	r.answered()
	r.forgetProbes(containers)
	look := Look{Found: map[contract.WorkloadUID]decide.Record{}}
	there := map[contract.WorkloadUID]actual{}
	for _, c := range containers {
		w, ok := found(c)
		if !ok {
			continue
		}
		there[w.uid] = append(there[w.uid], c)
		if _, known := held.Records[w.uid]; !known {
			look.Found[w.uid] = w.Record
		}
	}
	r.cancelOthers(held)
	for _, step := range held.Steps(r.actual(ctx, held, there)) {
		w := workload{step.UID, held.Records[step.UID]}
		if step.Task == decide.Remove && len(there[w.uid]) == 0 && idle(w.uid) {
			look.Removed = append(look.Removed, w.uid)
			r.forget(w.uid)
			continue
		}
		if step.Task == decide.Update && waits(held, w) {
			continue
		}
		r.begin(ctx, step.Task, w, there[w.uid])
	}
	for uid, a := range there {
		if record := held.Records[uid]; !record.Gone.IsZero() {
			r.begin(ctx, decide.Remove, workload{uid, record}, a) // it came back without us
		}
	}
	return look, nil
}

// idle tells for which workloads nothing is being done now.
func (r *Runner) idle() func(contract.WorkloadUID) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	busy := map[contract.WorkloadUID]bool{}
	for uid, e := range r.entries {
		busy[uid] = e.job != nil
	}
	return func(uid contract.WorkloadUID) bool { return !busy[uid] }
}

// waits tells whether another workload of the same name is yet to be removed.
func waits(held decide.State, w workload) bool {
	for _, uid := range held.Living() {
		if r := held.Records[uid]; uid != w.uid && r.Namespace == w.Namespace && r.Name == w.Name && r.Want == contract.Absent {
			return true
		}
	}
	return false
}

// actual compares what is there with what it is made from, and looks at how what is whole does.
func (r *Runner) actual(ctx context.Context, held decide.State, there map[contract.WorkloadUID]actual) map[contract.WorkloadUID]decide.Actual {
	all := map[contract.WorkloadUID]decide.Actual{}
	for _, uid := range held.Living() {
		w := workload{uid, held.Records[uid]}
		a := there[uid]
		if len(a) == 0 || w.Want == contract.Absent || r.busy(uid) || !a.begun(w.Digest) {
			continue
		}
		release, has := r.have(w.Digest)
		if !has {
			continue // the step that follows fetches it
		}
		whole := a.whole(release.Podman, w.Digest)
		all[uid] = decide.Actual{Digest: w.Digest, Whole: whole}
		if whole {
			r.observe(ctx, w, release.Podman, a)
		}
	}
	return all
}

func (r *Runner) busy(uid contract.WorkloadUID) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	e := r.entries[uid]
	return e != nil && e.job != nil
}

func (r *Runner) forget(uid contract.WorkloadUID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.entries, uid)
}

// cancelOthers ends what is being done for something that is no longer wanted.
func (r *Runner) cancelOthers(held decide.State) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for uid, e := range r.entries {
		now := held.Records[uid]
		if e.job != nil && (e.job.record.Digest != now.Digest || e.job.record.Want != now.Want) {
			e.job.cancel()
		}
	}
}

// Status gives how a workload stands with the release that it is held to; Pending when nothing was done for that yet. When podman
// has not answered for half a minute, what ran is Degraded, with HRM0801.
func (r *Runner) Status(uid contract.WorkloadUID, digest contract.Digest) Status {
	r.mu.Lock()
	defer r.mu.Unlock()
	e := r.entry(uid)
	is := e.status
	if is.Digest != digest {
		is.Phase, is.Fault = contract.Pending, nil // that was of another release
	}
	if e.job != nil {
		return is
	}
	return e.silence.over(r.silence.over(is))
}

// Knows tells whether podman has said what is there, or has not answered for so long that this is said.
func (r *Runner) Knows() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.looked || r.silence.fault != nil
}

// Retry lets everything that failed be tried at once.
func (r *Runner) Retry() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range r.entries {
		e.retry = time.Time{}
	}
}

// Wait returns when nothing is being done any more. What was begun ends with the context of its Pass.
func (r *Runner) Wait() { r.jobs.Wait() }

func unavailable(err error) *diag.Diagnostic {
	return diag.New(diag.RuntimeUnavailable).Saw(err.Error()).Try("systemctl status podman.socket").Because(err)
}
