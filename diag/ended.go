// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package diag

import (
	"context"
	"errors"
)

// Ended says why a context has ended: LimitReached when its time was over, Interrupted else.
func Ended(ctx context.Context, path ...string) *Diagnostic {
	cause := context.Cause(ctx)
	if errors.Is(cause, context.DeadlineExceeded) {
		return New(LimitReached, path...).Because(cause).Try("give it more time with --timeout")
	}
	return New(Interrupted, path...).Because(cause)
}
