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
	still := func() error { return taker(ctx) }
	err = do(context.WithValue(ctx, aloneKey{}, still))
	if gone := still(); err != nil && gone != nil {
		return gone
	}
	return err
}

// taker says who has taken over the turn that a context belongs to; nil while nobody has.
func taker(ctx context.Context) error {
	var d *diag.Diagnostic
	if errors.As(context.Cause(ctx), &d) && d.Code == diag.PlaceBusy {
		return d
	}
	return nil
}

// Alone lets do plan: a plan takes nothing.
func (p *planning) Alone(ctx context.Context, _ Inventory, do func(context.Context) error) error {
	return do(ctx)
}

// Alone lets do export: an export takes nothing.
func (e exporting) Alone(ctx context.Context, _ Inventory, do func(context.Context) error) error {
	return do(ctx)
}
