// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package runner

import (
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
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

// A podman that died while it removed a container refuses, when it is back, to stop that, and removes it when it is asked to.
func TestWhatPodmanRefusesToStopIsRemoved(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "sock")
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	var asked []string
	server := &httptest.Server{Listener: listener, Config: &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Method)
		if r.Method == http.MethodPost {
			http.Error(w, `{"message":"container state improper"}`, http.StatusInternalServerError)
		}
	})}}
	server.Start()
	defer server.Close()
	r := New(Options{Podman: podman.New(socket), Changed: func() {}, Log: slog.New(slog.DiscardHandler), Now: time.Now})
	if err := r.takeAway(t.Context(), "c0ffee"); err != nil || !slices.Equal(asked, []string{http.MethodPost, http.MethodDelete}) {
		t.Errorf("asked for %v, %v", asked, err)
	}
}
