// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"time"

	"nationtech.io/harmony/fleet/callout/token"
	"nationtech.io/harmony/wait"
)

const (
	// shortLifetime is that of tokens which are to expire soon.
	shortLifetime = time.Second
	// shortGood is for how long callouts take such a token, and more.
	shortGood = shortLifetime + token.Skew + time.Second
)

// reloaded prints how long a server takes to be reloaded, which asks about each connection again, and that nobody was cut.
func (w *identityWorld) reloaded(ctx context.Context) error {
	f, least, _, err := w.ahead(ctx, false, 1)
	if err != nil {
		return err
	}
	defer f.close()
	s, err := w.again(ctx, f, least)
	if err != nil {
		return err
	}
	s.print("storm_reload")
	f.close()
	return w.unserve()
}

// again reloads the server while all tokens are good. The questions that it asks by itself are not those of devices.
func (w *identityWorld) again(ctx context.Context, f *fleetOfTokens, least time.Duration) (s storm, err error) {
	before, err := w.requests(ctx)
	if err != nil {
		return s, err
	}
	f.begin()
	if s.took, err = w.reload(ctx); err != nil {
		return s, err
	}
	s.least, s.devices, s.standing, s.cut = least, len(f.conns), f.standing(), int(f.cut.Load())
	after, err := w.requests(ctx)
	s.asked = (after-before)/float64(s.devices) - 1
	return s, err
}

// expired prints how long a fleet takes until it is back whose server was reloaded when each token had expired: the server
// shows them again, and everybody is cut.
func (w *identityWorld) expired(ctx context.Context) error {
	f, least, err := w.asking(ctx)
	if err != nil {
		return err
	}
	defer f.close()
	if err := wait.Sleep(ctx, shortGood); err != nil {
		return err
	}
	before, err := w.requests(ctx)
	if err != nil {
		return err
	}
	f.begin()
	start := time.Now()
	if _, err := w.reload(ctx); err != nil {
		return err
	}
	s := storm{least: least, devices: len(f.conns)}
	if s.took, err = f.recovered(ctx, start); err != nil {
		return err
	}
	after, err := w.requests(ctx)
	s.standing, s.cut, s.asked = f.standing(), int(f.cut.Load())-s.devices, (after-before)/float64(s.devices)-1
	s.print("storm_reload_expired")
	f.close()
	return errors.Join(err, w.unserve())
}
