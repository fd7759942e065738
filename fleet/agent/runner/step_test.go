// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package runner

import (
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

// A podman that goes away between a look and a removal must not let the workload count as removed.
func TestWhatCannotBeRemovedIsNotTakenForRemoved(t *testing.T) {
	gone := podman.New(filepath.Join(t.TempDir(), "none"))
	r := New(Options{Podman: gone, Changed: func() {}, Log: slog.New(slog.DiscardHandler), Now: time.Now})
	w := workload{contract.WorkloadUID{}, decide.Record{Namespace: "shop", Name: "web", Want: contract.Absent}}
	err := r.remove(t.Context(), w, actual{{ID: "c0ffee"}})
	var fault *diag.Diagnostic
	if !errors.As(err, &fault) || fault.Code != diag.NotRemoved {
		t.Errorf("got %v", err)
	}
	held := decide.State{Records: map[contract.WorkloadUID]decide.Record{w.uid: w.Record}}
	if look, err := r.Pass(t.Context(), held); !errors.As(err, &fault) || fault.Code != diag.RuntimeUnavailable || len(look.Removed) != 0 {
		t.Errorf("a pass without podman: %v, %v", look, err)
	}
}
