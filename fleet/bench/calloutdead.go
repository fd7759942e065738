// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	natsgo "github.com/nats-io/nats.go"

	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/wait"
)

// dead prints how a fleet comes back whose callout was dead for several lifetimes of a token: first its connections stood, and
// then they were lost, too. The time runs from when the callout is ready again.
func (w *identityWorld) dead(ctx context.Context) error {
	f, least, err := w.asking(ctx)
	if err != nil {
		return err
	}
	defer f.close()
	f.begin()
	if err := w.calling.kill(); err != nil {
		return err
	}
	if err := wait.Sleep(ctx, 2*shortGood); err != nil {
		return err
	}
	s := storm{least: least, devices: len(f.conns), cut: len(f.conns) - f.standing() + int(f.cut.Load())}
	if err := errors.Join(w.nats.kill(), w.startNATS(ctx), wait.Sleep(ctx, 2*shortGood)); err != nil {
		return err
	}
	if n := f.back.Load(); n > 0 {
		return fmt.Errorf("%d devices were let in by nobody: %w", n, errStorm)
	}
	if err := w.startCallout(ctx); err != nil {
		return err
	}
	if s.took, err = f.recovered(ctx, time.Now()); err != nil {
		return err
	}
	asked, err := w.requests(ctx)
	s.standing, s.asked = f.standing(), asked/float64(s.devices)
	s.print("storm_callout_dead")
	f.close()
	return errors.Join(err, w.unserve())
}

// asking connects all devices as agents do: each asks for a token when it connects. The issuer is then a part of what they
// wait for, so they come back over a time that is fit for both.
func (w *identityWorld) asking(ctx context.Context) (f *fleetOfTokens, least time.Duration, err error) {
	rate, err := w.rate(ctx, false)
	if err != nil {
		return nil, 0, err
	}
	minted, err := w.mint(ctx, w.devices[:w.connects])
	if err != nil {
		return nil, 0, err
	}
	if err := w.serve(ctx, false); err != nil {
		return nil, 0, err
	}
	least = w.least(rate) + w.least(minted)
	f, err = w.gather(ctx, spread(least), w.withNewToken)
	return f, least, err
}

// withNewToken connects as the agent of a device does that takes a token first.
func (w *identityWorld) withNewToken(n int) natsgo.Option {
	d := &mintingDialer{w, w.devices[n]}
	return func(o *natsgo.Options) error {
		o.CustomDialer, o.TokenHandler, o.Name = d, d.device.token, contract.ConnectionName(d.device.id)
		return nil
	}
}

// A mintingDialer has a token minted before it dials.
type mintingDialer struct {
	world  *identityWorld
	device *identity
}

// Dial connects with a token that nobody has seen.
func (d *mintingDialer) Dial(network, address string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), upLimit)
	defer cancel()
	token, err := d.world.minted(ctx, d.device)
	if err != nil {
		return nil, err
	}
	d.device.mu.Lock()
	d.device.tokens = []string{token}
	d.device.mu.Unlock()
	return (&net.Dialer{Timeout: dialLimit}).DialContext(ctx, network, address)
}
