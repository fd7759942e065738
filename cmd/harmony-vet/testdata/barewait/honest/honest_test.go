// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package honest

import (
	"context"
	"testing"
	"time"
)

// A fake may fail as others do: tests are not looked at for bare deadlines, but for sleeps.
func cancelled(context.Context) error { return context.Canceled }

func TestAFakeMayFailBare(t *testing.T) {
	if told(t.Context(), cancelled) == nil {
		t.Fatal("told nothing")
	}
	time.Sleep(time.Millisecond) // want `time.Sleep pauses`
}
