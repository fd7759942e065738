// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	natsgo "github.com/nats-io/nats.go"
	"golang.org/x/sync/errgroup"

	"nationtech.io/harmony/fleet/contract"

	"nationtech.io/harmony/wait"
)

const (
	// dialsAtOnce are the connections that are made side by side.
	dialsAtOnce = 64
	// dialLimit is that of an agent.
	dialLimit = 5 * time.Second
	// attempts are how often a connection is tried: on a busy machine one may take longer than the client waits.
	attempts = 5
	// calmDown is for how long a server is left alone after thousands of connections have ended.
	calmDown = 2 * time.Second
)

// connected is what came of some connections.
type connected struct {
	rate     float64 // connections in a second
	p50, p99 float64 // how long as many per cent of them took at most, in milliseconds
}

// credentials are those of the n-th connection.
type credentials func(n int) natsgo.Option

func (w *identityWorld) asUser(n int) natsgo.Option {
	return natsgo.UserInfo(plainUser(n%plainUsers), password)
}

// withToken connects as the agent of a device does.
func (w *identityWorld) withToken(n int) natsgo.Option {
	return func(o *natsgo.Options) error {
		o.TokenHandler, o.Name = w.devices[n].token, contract.ConnectionName(w.devices[n].id)
		return nil
	}
}

// connect makes n connections, so many side by side, and then ends them. Tokens are minted before.
func (w *identityWorld) connect(ctx context.Context, n, atOnce int, as credentials) (c connected, err error) {
	for _, d := range w.devices[:n] {
		d.tokens = nil
	}
	if _, err := w.mint(ctx, w.devices[:n]); err != nil {
		return c, err
	}
	conns, took := make([]*natsgo.Conn, n), make([]float64, n)
	dials, dialling := errgroup.WithContext(ctx)
	dials.SetLimit(min(atOnce, dialsAtOnce))
	start := time.Now()
	for i := range n {
		dials.Go(func() (err error) {
			if dialling.Err() != nil {
				return fmt.Errorf("connect: %w", context.Cause(dialling))
			}
			start := time.Now()
			for range attempts {
				if conns[i], err = natsgo.Connect(w.url(), append(w.options(), as(i), natsgo.NoReconnect())...); err == nil {
					break
				}
			}
			if took[i] = time.Since(start).Seconds() * 1000; err != nil {
				return fmt.Errorf("connect: %w", err)
			}
			return nil
		})
	}
	err = dials.Wait()
	c.rate = float64(n) / time.Since(start).Seconds()
	for _, conn := range conns {
		if conn != nil {
			conn.Close()
		}
	}
	if err != nil {
		return c, err
	}
	slices.Sort(took)
	c.p50, c.p99 = share(took, 0.5), share(took, 0.99)
	return c, wait.Sleep(ctx, calmDown)
}

// share is what that share of sorted values does not exceed.
func share(sorted []float64, of float64) float64 {
	return sorted[int(math.Ceil(float64(len(sorted))*of))-1]
}

func (w *identityWorld) options() []natsgo.Option {
	options := []natsgo.Option{natsgo.Timeout(dialLimit), natsgo.ErrorHandler(func(*natsgo.Conn, *natsgo.Subscription, error) {})}
	if w.secured {
		options = append(options, natsgo.RootCAs(w.file("ca.pem")))
	}
	return options
}
