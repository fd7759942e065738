// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package deploy

import (
	"context"
	"errors"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/wait"
)

// again does something until it ends well, as smoke tests do: what they ask may be coming up, or restarting. When time is over,
// its error is the Diagnostic of the last attempt which was not cut off, or a *wait.GaveUp with its error.
func again(ctx context.Context, what string, do func(context.Context) error) error {
	var last error
	err := wait.Until(ctx, what, wait.Pace{}, func(ctx context.Context) (string, bool, error) {
		err := do(ctx)
		if err == nil {
			return "", true, nil
		}
		if ctx.Err() == nil {
			last = err
		}
		return err.Error(), false, hopeless(err)
	})
	var gave *wait.GaveUp
	if !errors.As(err, &gave) || errors.Is(err, context.Canceled) {
		return err
	}
	var found *diag.Diagnostic
	if errors.As(last, &found) {
		return found
	}
	gave.Cause = errors.Join(gave.Cause, last)
	return gave
}

// hopeless gives back an error that asking again cannot change. NATS may be made or mended meanwhile, so that even its Service may
// still come.
func hopeless(err error) error {
	var d *diag.Diagnostic
	if errors.As(err, &d) && d.Code == diag.Forbidden {
		return err
	}
	return nil
}
