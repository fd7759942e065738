// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package runner

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/agent/decide"
	"nationtech.io/harmony/fleet/agent/podman"
	"nationtech.io/harmony/fleet/contract"
)

// begin takes a step, beside everything else, unless one is being taken for this workload, or it failed just now.
func (r *Runner) begin(ctx context.Context, task decide.Task, w workload, a actual) {
	r.mu.Lock()
	e := r.entry(w.uid)
	if e.job != nil || !e.due(w.Record, r.now()) {
		r.mu.Unlock()
		return
	}
	ctx, cancel := context.WithCancel(ctx)
	e.job, e.silence = &job{w.Record, cancel}, silence{}
	r.mu.Unlock()
	r.jobs.Go(func() {
		defer cancel()
		if task == decide.Remove {
			r.end(ctx, w, r.remove(ctx, w, a))
		} else {
			r.end(ctx, w, r.update(ctx, w, a))
		}
	})
}

// end notes how a step ended. One that was ended from outside has not failed, and nor has, at first, one in which podman went away.
func (r *Runner) end(ctx context.Context, w workload, err error) {
	var fault *diag.Diagnostic
	if err != nil && ctx.Err() == nil && !errors.As(err, &fault) {
		fault = diag.New(diag.NotStarted).Because(err)
	}
	r.mu.Lock()
	e := r.entry(w.uid)
	e.job = nil
	if fault == nil {
		e.failures = 0
	} else {
		e.failed(w.Record, r.now())
	}
	phase := contract.Failed
	switch {
	case w.Want == contract.Absent:
		phase = contract.Removing
	case fault != nil && podman.IsUnreachable(err):
		var silent *podman.Error
		errors.As(err, &silent)
		fault = unavailable(silent)
		if e.failures <= excused {
			phase = e.interrupted(w)
		}
	}
	r.mu.Unlock()
	if fault != nil {
		r.stands(w, phase, fault)
	}
	r.changed()
}

// remove stops a workload and takes its containers away. Named volumes stay.
func (r *Runner) remove(ctx context.Context, w workload, a actual) error {
	r.stands(w, contract.Removing, nil)
	for _, c := range a {
		if err := r.takeAway(ctx, c.ID); err != nil {
			return diag.New(diag.NotRemoved, w.Namespace, w.Name, c.Labels[labelContainer]).Saw(err.Error()).Because(err)
		}
	}
	return nil
}

// takeAway stops a container with the grace that it was made with, and removes it. One that podman refuses to stop is removed all
// the same: so it is with what was being removed when podman died.
func (r *Runner) takeAway(ctx context.Context, id string) error {
	return r.work.take(ctx, func(func()) error {
		if err := r.podman.Stop(ctx, id); err != nil && (ctx.Err() != nil || podman.IsUnreachable(err)) {
			return err
		}
		return r.podman.Remove(ctx, id)
	})
}

// update makes a workload run the release of its record: images first, so that what runs until then is stopped for as
// short as can be; then what is of another release is stopped, for two must not write to the same volumes; then
// init containers one after the other; then the services.
func (r *Runner) update(ctx context.Context, w workload, a actual) error {
	release, err := r.release(ctx, w.Digest)
	if err != nil {
		return err
	}
	begun := a.begun(w.Digest)
	if err := r.pull(ctx, w, release, !begun); err != nil {
		return err
	}
	r.stands(w, contract.Starting, nil)
	for _, c := range a {
		if c.Labels[labelDigest] == w.Digest.String() && c.Labels[labelInit] == "false" {
			continue
		}
		if err := r.takeAway(ctx, c.ID); err != nil {
			return w.notStarted(c.Labels[labelContainer], err)
		}
	}
	if !begun {
		for _, c := range release.Podman.InitContainers {
			if err := r.initialise(ctx, w, c, release.Podman); err != nil {
				return err
			}
		}
	}
	for _, c := range release.Podman.Services {
		if err := r.serve(ctx, w, c, a); err != nil {
			return w.notStarted(c.Name, err)
		}
	}
	return nil
}

func (w workload) notStarted(container string, err error) *diag.Diagnostic {
	var found *diag.Diagnostic
	if errors.As(err, &found) {
		return found
	}
	return diag.New(diag.NotStarted, w.Namespace, w.Name, container).Saw(err.Error()).Because(err)
}

// initialise runs an init container to its end.
func (r *Runner) initialise(ctx context.Context, w workload, c contract.Container, p contract.Podman) error {
	fault := diag.New(diag.InitFailed, w.Namespace, w.Name, c.Name)
	id, err := r.start(ctx, w, w.spec(c, true), "")
	limited, cancel := context.WithTimeout(ctx, p.InitTimeout())
	defer cancel()
	var code int
	if err == nil {
		code, err = r.podman.Wait(limited, id)
	}
	var found *diag.Diagnostic
	switch {
	case errors.As(err, &found):
		return found
	case err != nil && limited.Err() != nil && ctx.Err() == nil:
		return fault.Saw(fmt.Sprintf("it has not ended within %s", p.InitTimeout())).Because(errors.Join(err, r.takeAway(ctx, id)))
	case err != nil:
		return fault.Saw(err.Error()).Because(err)
	case code != 0:
		var last bytes.Buffer
		_ = r.podman.Logs(ctx, id, 3, false, &last) // without them there is still the exit code
		return fault.Saw(fmt.Sprintf("it ended with exit code %d: %s", code, strings.TrimSpace(last.String())))
	}
	return r.podman.Remove(ctx, id)
}

// serve makes a service if there is none, and starts it.
func (r *Runner) serve(ctx context.Context, w workload, c contract.Container, a actual) error {
	made, there := a.service(c.Name, w.Digest)
	if there && (made.State == "running" || ended(c, made)) {
		return nil
	}
	_, err := r.start(ctx, w, w.spec(c, false), made.ID)
	return err
}

// start starts a container, and makes it if there is none yet; then its id is given empty.
func (r *Runner) start(ctx context.Context, w workload, s podman.Spec, made string) (id string, err error) {
	id = made
	err = r.work.take(ctx, func(func()) error {
		if id == "" {
			if id, err = r.create(ctx, w, s); err != nil {
				return err
			}
		}
		return r.podman.Start(ctx, id)
	})
	return id, err
}

// create makes a container, which has the limits that it was to have: one that podman made without is taken away again.
func (r *Runner) create(ctx context.Context, w workload, s podman.Spec) (id string, err error) {
	id, err = r.podman.Create(ctx, s)
	if err != nil || s.Limits == nil {
		return id, err
	}
	made, err := r.podman.Inspect(ctx, id)
	switch {
	case err == nil && made.Keeps(s.Limits):
		return id, nil
	case err == nil:
		err = diag.New(diag.LimitsNotKept, w.Namespace, w.Name, s.Labels[labelContainer]).Saw("podman made the container without the limits of its resources")
	}
	return "", errors.Join(err, r.podman.Remove(ctx, id))
}
