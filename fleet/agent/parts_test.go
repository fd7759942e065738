// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package agent

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/wait"
	"pgregory.net/rapid"
)

func TestRecentRequestsAreRememberedInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		room := rapid.IntRange(1, 5).Draw(t, "room")
		r := newRecent(room)
		ids := make([]contract.RequestID, 8)
		for i := range ids {
			ids[i] = contract.NewRequestID()
		}
		var model []contract.RequestID // newest last
		for range 50 {
			id := rapid.SampledFrom(ids).Draw(t, "id")
			known := false
			for _, old := range model[max(0, len(model)-room):] {
				known = known || old == id
			}
			if got := r.add(id); got == known {
				t.Fatalf("new: got %v, want %v", got, !known)
			}
			if !known {
				model = append(model, id)
			}
		}
		if len(r.known) > room {
			t.Fatalf("%d are remembered, there is room for %d", len(r.known), room)
		}
	})
}

func TestSparseLogCountsWhatItLeavesOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		s := newSparse(slog.New(slog.NewTextHandler(&out, nil)))
		for range 100 {
			s.warn("noise")
		}
		if got := strings.Count(out.String(), "noise"); got != sparseBurst {
			t.Errorf("%d lines of 100", got)
		}
		if err := wait.Sleep(t.Context(), time.Second); err != nil {
			t.Fatal(err)
		}
		s.warn("noise")
		if !strings.HasSuffix(out.String(), "msg=noise lines_left_out=90\n") {
			t.Error(out.String())
		}
	})
}

func TestProgressIsTimedByAClockThatCannotBeSet(t *testing.T) {
	h := newHeartbeat(press, contract.NewInstanceID(), time.Second, nil, nil, nil)
	if turned := h.turned.Load().String(); !strings.Contains(turned, " m=") {
		t.Errorf("the loop last went round at %s, by the wall clock", turned)
	}
}
