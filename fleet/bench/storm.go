// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"time"
)

// A storm is what came of one.
type storm struct {
	took     time.Duration // until 99 % of the devices were back
	down     time.Duration // until the server listened again; no device can be back before
	least    time.Duration // that the callout needs for as many connections, at its best
	devices  int
	standing int     // devices that are connected at its end
	cut      int     // connections that ended and should have stood
	asked    float64 // how often a device asked the callout
}

func (s storm) print(name string) {
	fmt.Printf("FIGURE name=%s value=%.3g unit=s ratio=%.2f baseline=devices_by_callout_connects baseline_value=%.3g rounds=1 devices=%d connected=%d cut_wrongly=%d requests_per_device=%.2f\n",
		name, s.took.Seconds(), s.took.Seconds()/s.least.Seconds(), s.least.Seconds(), s.devices, s.standing, s.cut, s.asked)
}

// rate is how many connections a callout lets in each second, as was measured before, or is now.
func (w *identityWorld) rate(ctx context.Context, secured bool) (float64, error) {
	if rate := w.callouts[secured]; rate > 0 {
		return rate, nil
	}
	if err := w.serve(ctx, secured); err != nil {
		return 0, err
	}
	n, err := w.connect(ctx, w.connects, w.connects, w.withToken)
	if err != nil {
		return 0, err
	}
	w.callouts[secured] = n.rate
	return n.rate, w.unserve()
}

// least is how long all devices take that come one after the other, so many a second.
func (w *identityWorld) least(rate float64) time.Duration {
	return time.Duration(float64(len(w.devices)) / rate * float64(time.Second))
}

// spread is what the issuer tells agents: half as long again as the callouts need.
func spread(least time.Duration) time.Duration { return least * 3 / 2 }

// ahead connects all devices with tokens that were minted ahead, so many each: one for its connection, and one for each
// that comes of it. It gives how many tokens the issuer gave in a second.
func (w *identityWorld) ahead(ctx context.Context, secured bool, tokens int) (f *fleetOfTokens, least time.Duration, minted float64, err error) {
	rate, err := w.rate(ctx, secured)
	if err != nil {
		return nil, 0, 0, err
	}
	for _, d := range w.devices {
		d.tokens = nil
	}
	for range tokens {
		if minted, err = w.mint(ctx, w.devices); err != nil {
			return nil, 0, 0, err
		}
	}
	if err := w.serve(ctx, secured); err != nil {
		return nil, 0, 0, err
	}
	least = w.least(rate)
	f, err = w.gather(ctx, spread(least), w.withToken)
	return f, least, minted, err
}

// kill kills the server under all devices, and starts it again at once. The time runs from the kill.
func (w *identityWorld) kill(ctx context.Context, f *fleetOfTokens, least time.Duration) (s storm, err error) {
	before, err := w.requests(ctx)
	if err != nil {
		return s, err
	}
	f.begin()
	start := time.Now()
	if err := w.nats.kill(); err != nil {
		return s, err
	}
	if err := w.startNATS(ctx); err != nil {
		return s, err
	}
	if err := w.listens(ctx); err != nil {
		return s, err
	}
	s.down = time.Since(start)
	if s.took, err = f.recovered(ctx, start); err != nil {
		return s, err
	}
	after, err := w.requests(ctx)
	s.least, s.devices, s.standing = least, len(f.conns), f.standing()
	s.cut, s.asked = int(f.cut.Load())-s.devices, (after-before)/float64(s.devices)
	return s, err
}

// killed prints how long a fleet takes until it is back after its server was killed.
func (w *identityWorld) killed(ctx context.Context) error {
	var recovery, least, down, requests, minted series
	for range w.rounds {
		f, needed, rateOfIssuer, err := w.ahead(ctx, false, 2)
		if err != nil {
			return err
		}
		s, err := w.kill(ctx, f, needed)
		f.close()
		if err != nil {
			return err
		}
		if s.standing < s.devices || s.cut > 0 {
			return fmt.Errorf("%+v: %w", s, errStorm)
		}
		recovery, least = append(recovery, s.took.Seconds()), append(least, s.least.Seconds())
		down, requests, minted = append(down, s.down.Seconds()), append(requests, s.asked), append(minted, rateOfIssuer)
		if err := w.unserve(); err != nil {
			return err
		}
	}
	recovery.printAgainst("storm_recovery", "s", "devices_by_callout_connects", least)
	down.print("storm_server_down", "s")
	requests.print("storm_requests_per_device", "1")
	minted.print("issuer_tokens", "1/s")
	return nil
}
