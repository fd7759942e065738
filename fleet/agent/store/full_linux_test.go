// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"errors"
	"os/signal"
	"syscall"
	"testing"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/agent/store"
)

// While the disk is full nothing can be begun, again and again, and nothing was lost by that.
func TestAFileThatCouldNotBeBegunWasNotLost(t *testing.T) {
	dir := t.TempDir()
	free := fill(t)
	for range 2 {
		_, lost, err := store.Open(t.Context(), dir)
		var d *diag.Diagnostic
		if !errors.As(err, &d) || d.Code != diag.StateNotKept || lost != nil {
			t.Errorf("got %v, and lost %v", err, lost)
		}
	}
	free()
	if _, lost := open(t, dir); lost != nil {
		t.Errorf("nothing was there, and it is lost: %v", lost)
	}
}

// fill lets files of this process be as good as empty at most, until free is called.
func fill(t *testing.T) (free func()) {
	t.Helper()
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
		t.Fatal(err)
	}
	signal.Ignore(syscall.SIGXFSZ)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 16, Max: before.Max}); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
			t.Error(err)
		}
		signal.Reset(syscall.SIGXFSZ)
	}
}
