// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package tricks

import (
	"cmp"
	"context"
	"errors"
	"fmt"
)

var errLate = context.DeadlineExceeded

func work(context.Context) error { return nil }

func byVariable(ctx context.Context) error {
	err := work(ctx)
	if err == nil {
		err = ctx.Err()
	}
	return err // want `a bare deadline`
}

func byName(ctx context.Context) (n int, err error) {
	if err = ctx.Err(); err != nil {
		return // want `a bare deadline`
	}
	return n, errLate // want `a bare deadline`
}

func byValue(ctx context.Context) error {
	why := ctx.Err
	if why() != nil {
		return why() // want `a bare deadline`
	}
	return error(context.Cause(ctx)) // want `a bare deadline`
}

func byWrapping(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return errors.Join(nil, context.Canceled) // want `a bare deadline`
	case ctx.Err() == nil:
		return fmt.Errorf("%w", errLate) // want `a bare deadline`
	}
	return cmp.Or(err, ctx.Err()) // want `a bare deadline`
}

func byChannel(ctx context.Context) <-chan error {
	c := make(chan error, 1)
	go func() { c <- ctx.Err() }() // want `a bare deadline`
	return c
}

type request struct{ context.Context }

func byMethod(r *request) error { return r.Err() } // want `a bare deadline`

var _, _, _, _, _, _ = byVariable, byName, byValue, byWrapping, byChannel, byMethod
