// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"nationtech.io/harmony/diag"
)

// early is a context whose deadline others have noticed, and which has not ended itself yet.
type early struct{ context.Context }

func (early) Deadline() (time.Time, bool) { return time.Now().Add(-time.Millisecond), true }

func TestAConnectionThatNoticesTheLimitFirstIsNoSilentAPIServer(t *testing.T) {
	slow, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	ctx := early{slow}
	err := failed(ctx, os.ErrDeadlineExceeded, attempt{"forward to", coreReference("Pod", "a", "nats-0")})
	var found *diag.Diagnostic
	if !errors.As(err, &found) || found.Code != diag.LimitReached || ctx.Err() == nil {
		t.Errorf("got %v, and of the context %v", err, ctx.Err())
	}
}
