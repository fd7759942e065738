// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"context"
	"errors"
	"time"

	"nationtech.io/harmony/diag"
)

// turnLasts is how long the Lease of a turn lasts: a verify, which has 10 s, is to outwait one that was killed.
const turnLasts = 6 * time.Second

// aloneKey is where a context has what tells whether the turn that it belongs to was lost.
type aloneKey struct{}

// Alone has its turn under the Lease of the inventory, and gives it back when do has ended.
func (c *Client) Alone(ctx context.Context, inventory Inventory, do func(context.Context) error) error {
	l := c.lease(inventory, turnLasts)
	l.turns = true
	ctx, lost := context.WithCancelCause(ctx)
	defer lost(nil)
	release, err := l.take(ctx, lost)
	if err != nil {
		return err
	}
	if release != nil {
		defer release(context.WithoutCancel(ctx))
	}
	still := func() error {
		if cause := context.Cause(ctx); elsewhere(cause) {
			return cause
		}
		return nil
	}
	err = do(context.WithValue(ctx, aloneKey{}, still))
	if gone := still(); err != nil && gone != nil {
		return gone
	}
	return err
}

// elsewhere tells that an error is that of a Lease in other hands.
func elsewhere(err error) bool {
	var d *diag.Diagnostic
	return errors.As(err, &d) && d.Code == diag.PlaceBusy
}

// Alone lets do plan: a plan takes nothing.
func (p *planning) Alone(ctx context.Context, _ Inventory, do func(context.Context) error) error {
	return do(ctx)
}

// Alone lets do export: an export takes nothing.
func (e exporting) Alone(ctx context.Context, _ Inventory, do func(context.Context) error) error {
	return do(ctx)
}
