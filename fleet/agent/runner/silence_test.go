// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package runner

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/agent/decide"
	"nationtech.io/harmony/fleet/agent/podman"
	"nationtech.io/harmony/fleet/contract"
)

// deserted is a runner whose podman is not there, and a clock of its own.
func deserted(t *testing.T) (r *Runner, now *time.Time) {
	t.Helper()
	now = new(time.Now())
	return New(Options{
		Podman: podman.New(filepath.Join(t.TempDir(), "none")), Changed: func() {}, Log: slog.New(slog.DiscardHandler),
		Now:  func() time.Time { return *now },
		Have: func(contract.Digest) (contract.Release, bool) { return contract.Release{}, true },
		Release: func(context.Context, contract.Digest) (contract.Release, error) {
			return releaseOf("registry.invalid/web:1"), nil
		},
	}), now
}

func releaseOf(image string) contract.Release {
	return contract.Release{Podman: contract.Podman{Services: []contract.Container{{Name: "web", Image: image}}}}
}

func present(name string, n byte) workload {
	digest := contract.DigestOf([]byte{n})
	return workload{contract.WorkloadUID{}, decide.Record{Namespace: "shop", Name: name, Generation: 1, Digest: digest, Want: contract.Present}}
}

func TestWhatPodmanHasNotToldForHalfAMinuteIsNotKnown(t *testing.T) {
	broken := diag.New(diag.ServiceEnded)
	for name, c := range map[string]struct {
		was, is contract.Phase
		fault   *diag.Diagnostic
		code    diag.Code
	}{
		"it ran":                     {contract.Running, contract.Degraded, nil, diag.RuntimeUnavailable},
		"nothing was seen of it yet": {contract.Pending, contract.Pending, nil, diag.RuntimeUnavailable},
		"it came up":                 {contract.Starting, contract.Starting, nil, diag.RuntimeUnavailable},
		"it had failed":              {contract.Failed, contract.Failed, broken, diag.ServiceEnded},
		"it was degraded":            {contract.Degraded, contract.Degraded, broken, diag.ServiceEnded},
	} {
		t.Run(name, func(t *testing.T) {
			r, now := deserted(t)
			w := present("web", 1)
			r.stands(w, c.was, c.fault)
			pass := func(after time.Duration) Status {
				*now = now.Add(after)
				if _, err := r.Pass(t.Context(), decide.State{}); err == nil {
					t.Fatal("podman has answered")
				}
				return r.Status(w.uid, w.Digest)
			}
			before := r.Status(w.uid, w.Digest)
			for _, after := range []time.Duration{time.Hour, blind / 2, blind/2 - time.Second} {
				if got := pass(after); got != before {
					t.Errorf("it became %+v too early", got)
				}
			}
			if r.Knows() {
				t.Error("it knows already, and podman has said nothing")
			}
			got := pass(time.Second)
			if got.Phase != c.is || got.Fault == nil || got.Fault.Code != c.code || got.Phase != c.was && !got.Since.Equal(*now) {
				t.Errorf("it is %+v", got)
			}
			if !r.Knows() || r.Next() > alert {
				t.Errorf("it knows: %v, and looks again in %s", r.Knows(), r.Next())
			}
			r.answered()
			if got := r.Status(w.uid, w.Digest); got != before || r.Next() > calm {
				t.Errorf("podman is back, and it is %+v", got)
			}
		})
	}
}

func TestOneThatPodmanDoesNotTellOfIsNotKnownAndTheOthersAre(t *testing.T) {
	r, now := deserted(t)
	one, other := present("one", 1), present("other", 2)
	other.uid, _ = contract.ParseWorkloadUID("00000002-1111-4222-8333-444455556666")
	r.stands(one, contract.Running, nil)
	r.stands(other, contract.Running, nil)
	look := func() { r.observe(t.Context(), one, releaseOf("x").Podman, actual{}) }
	look()
	*now = now.Add(blind)
	look()
	if got := r.Status(one.uid, one.Digest); got.Phase != contract.Degraded || got.Fault.Code != diag.RuntimeUnavailable {
		t.Errorf("nobody knows whether it runs, and it is %+v", got)
	}
	if got := r.Status(other.uid, other.Digest); got.Phase != contract.Running {
		t.Errorf("the other is %+v", got)
	}
	r.seen(one.uid)
	if got := r.Status(one.uid, one.Digest); got.Phase != contract.Running {
		t.Errorf("it is seen again, and is %+v", got)
	}
	gone, end := context.WithCancel(t.Context())
	end()
	r.observe(gone, one, releaseOf("x").Podman, actual{})
	if r.entry(one.uid).silence.is() {
		t.Error("the agent ends, and it is podman that does not answer")
	}
}

// A rollout stops at what has failed.
func TestAStepInWhichPodmanGoesAwayHasNotFailedAtOnce(t *testing.T) {
	r, now := deserted(t)
	w := present("web", 1)
	for i := 1; i <= excused+1; i++ {
		r.begin(t.Context(), decide.Update, w, nil)
		r.Wait()
		want := contract.Pending
		if i > excused {
			want = contract.Failed
		}
		if got := r.Status(w.uid, w.Digest); got.Phase != want || got.Fault == nil || got.Fault.Code != diag.RuntimeUnavailable {
			t.Errorf("after %d steps it is %+v", i, got)
		}
		*now = now.Add(lastRetry)
	}
	r.end(t.Context(), w, errors.New("another reason"))
	if got := r.Status(w.uid, w.Digest); got.Phase != contract.Failed || got.Fault.Code != diag.NotStarted {
		t.Errorf("it has failed, and is %+v", got)
	}
}
