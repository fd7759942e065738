// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	natsgo "github.com/nats-io/nats.go"
	"golang.org/x/sync/errgroup"

	"nationtech.io/harmony/fleet/agent/pace"
	"nationtech.io/harmony/wait"
)

const (
	// spareTokens are those of a device for one storm: for its connection, and for each that comes of it.
	spareTokens = 2
	// stormLimit bounds how long a fleet takes until it is back.
	stormLimit = 5 * time.Minute
	// stormSeen is how exactly it is seen.
	stormSeen = 5 * time.Millisecond
)

// A fleetOfTokens is devices that are connected, and come back as agents do.
type fleetOfTokens struct {
	conns []*natsgo.Conn
	back  atomic.Int64 // connections that came back
}

// storms kills NATS under all devices, and prints how long it takes until they are back.
func (w *identityWorld) storms(ctx context.Context, rate series) error {
	var recovery, least, requests, minted series
	for round := range w.rounds {
		took, asked, rateOfIssuer, err := w.storm(ctx, rate[round])
		if err != nil {
			return err
		}
		recovery = append(recovery, took.Seconds())
		least = append(least, float64(len(w.devices))/rate[round])
		requests, minted = append(requests, asked), append(minted, rateOfIssuer)
	}
	recovery.printAgainst("storm_recovery", "s", "devices_by_callout_connects", least)
	requests.print("storm_requests_per_device", "1")
	minted.print("issuer_tokens", "1/s")
	return nil
}

// storm connects all devices, kills the server, and starts it again at once. It gives the time from the kill until 99 % are
// back, the callout's questions for each device until all are, and how many tokens the issuer gave in a second before.
func (w *identityWorld) storm(ctx context.Context, rate float64) (took time.Duration, requests, minted float64, err error) {
	for _, d := range w.devices {
		d.tokens = nil
	}
	for range spareTokens {
		if minted, err = w.mint(ctx, w.devices); err != nil {
			return 0, 0, 0, err
		}
	}
	if err := w.serve(ctx, false); err != nil {
		return 0, 0, 0, err
	}
	f := &fleetOfTokens{conns: make([]*natsgo.Conn, len(w.devices))}
	defer f.close()
	// What the issuer tells agents: half as long again as the callouts need.
	spread := time.Duration(1.5 * float64(len(w.devices)) / rate * float64(time.Second))
	if err := w.gather(ctx, f, spread); err != nil {
		return 0, 0, 0, err
	}
	before, err := w.requests(ctx)
	if err != nil {
		return 0, 0, 0, err
	}
	start := time.Now()
	if err := w.nats.kill(); err != nil {
		return 0, 0, 0, err
	}
	if err := w.startNATS(ctx); err != nil {
		return 0, 0, 0, err
	}
	if err := f.until(ctx, int64(len(w.devices))*99/100); err != nil {
		return 0, 0, 0, err
	}
	took = time.Since(start)
	if err := f.until(ctx, int64(len(w.devices))); err != nil {
		return 0, 0, 0, err
	}
	after, err := w.requests(ctx)
	if err != nil {
		return 0, 0, 0, err
	}
	f.close()
	return took, (after - before) / float64(len(w.devices)), minted, w.unserve()
}

// gather connects all devices.
func (w *identityWorld) gather(ctx context.Context, f *fleetOfTokens, spread time.Duration) error {
	dials, ctx := errgroup.WithContext(ctx)
	dials.SetLimit(dialsAtOnce)
	for n := range w.devices {
		dials.Go(func() (err error) {
			if ctx.Err() != nil {
				return fmt.Errorf("connect: %w", context.Cause(ctx))
			}
			p := &pace.Pace{Spread: func() time.Duration { return spread }}
			options := append(w.options(), w.withToken(n), natsgo.MaxReconnects(-1), natsgo.IgnoreAuthErrorAbort(),
				natsgo.IgnoreDiscoveredServers(), natsgo.ReconnectBufSize(-1), natsgo.ReconnectToServer(p.Next),
				natsgo.ReconnectHandler(func(*natsgo.Conn) { p.Connected(); f.back.Add(1) }))
			for range attempts {
				if f.conns[n], err = natsgo.Connect(w.url(), options...); err == nil {
					return nil
				}
			}
			return fmt.Errorf("connect: %w", err)
		})
	}
	return dials.Wait()
}

// until waits until so many devices are back.
func (f *fleetOfTokens) until(ctx context.Context, n int64) error {
	return wait.Until(ctx, "devices that are back", wait.Pace{Limit: stormLimit, Every: stormSeen}, func(context.Context) (string, bool, error) {
		back := f.back.Load()
		return fmt.Sprintf("%d of %d", back, len(f.conns)), back >= n, nil
	})
}

func (f *fleetOfTokens) close() {
	for _, conn := range f.conns {
		if conn != nil {
			conn.Close()
		}
	}
}
