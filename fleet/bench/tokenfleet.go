// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/x509"
	"fmt"
	"sync/atomic"
	"time"

	natsgo "github.com/nats-io/nats.go"
	"golang.org/x/sync/errgroup"

	"nationtech.io/harmony/fleet/agent/pace"
	"nationtech.io/harmony/wait"
)

const (
	// stormLimit bounds how long a fleet takes until it is back.
	stormLimit = 5 * time.Minute
	// stormSeen is how exactly it is seen.
	stormSeen = 5 * time.Millisecond
)

// A fleetOfTokens is devices that are connected, and come back as agents do.
type fleetOfTokens struct {
	conns    []*natsgo.Conn
	returned []atomic.Bool // which of them came back
	back     atomic.Int64  // how many that are
	cut      atomic.Int64  // connections that ended
}

// gather connects all devices, which come back over that spread.
func (w *identityWorld) gather(ctx context.Context, spread time.Duration, as credentials) (*fleetOfTokens, error) {
	f := &fleetOfTokens{conns: make([]*natsgo.Conn, len(w.devices)), returned: make([]atomic.Bool, len(w.devices))}
	dials, dialling := errgroup.WithContext(ctx)
	dials.SetLimit(dialsAtOnce)
	for n := range w.devices {
		dials.Go(func() (err error) {
			if dialling.Err() != nil {
				return fmt.Errorf("connect: %w", context.Cause(dialling))
			}
			p := &pace.Pace{Spread: func() time.Duration { return spread }}
			options := append(w.options(), as(n), natsgo.MaxReconnects(-1), natsgo.IgnoreAuthErrorAbort(),
				natsgo.IgnoreDiscoveredServers(), natsgo.ReconnectBufSize(-1), natsgo.ReconnectToServer(p.Next),
				natsgo.DisconnectErrHandler(func(*natsgo.Conn, error) { f.cut.Add(1) }),
				natsgo.ReconnectHandler(func(*natsgo.Conn) { p.Connected(); f.came(n) }))
			for range attempts {
				if f.conns[n], err = natsgo.Connect(w.url(), options...); err == nil {
					return nil
				}
			}
			return fmt.Errorf("connect: %w", err)
		})
	}
	if err := dials.Wait(); err != nil {
		f.close()
		return nil, err
	}
	return f, nil
}

func (f *fleetOfTokens) came(n int) {
	if !f.returned[n].Swap(true) {
		f.back.Add(1)
	}
}

// begin forgets who came back, and who was cut.
func (f *fleetOfTokens) begin() {
	for n := range f.returned {
		f.returned[n].Store(false)
	}
	f.back.Store(0)
	f.cut.Store(0)
}

// recovered waits until all devices came back, and gives how long 99 % of them took since start.
func (f *fleetOfTokens) recovered(ctx context.Context, start time.Time) (took time.Duration, err error) {
	all := int64(len(f.conns))
	if err := f.until(ctx, all*99/100); err != nil {
		return 0, err
	}
	took = time.Since(start)
	return took, f.until(ctx, all)
}

// until waits until so many devices are back.
func (f *fleetOfTokens) until(ctx context.Context, n int64) error {
	return wait.Until(ctx, "devices that are back", wait.Pace{Limit: stormLimit, Every: stormSeen}, func(context.Context) (string, bool, error) {
		back := f.back.Load()
		return fmt.Sprintf("%d of %d", back, len(f.conns)), back >= n, nil
	})
}

// standing are the devices whose server answers them.
func (f *fleetOfTokens) standing() int {
	var standing atomic.Int64
	var asking errgroup.Group
	asking.SetLimit(dialsAtOnce)
	for _, conn := range f.conns {
		asking.Go(func() error {
			if conn.FlushTimeout(dialLimit) == nil {
				standing.Add(1)
			}
			return nil
		})
	}
	_ = asking.Wait() // none of them fails
	return int(standing.Load())
}

// shown are the devices to which the server has shown that certificate.
func (f *fleetOfTokens) shown(certificate *x509.Certificate) (n int) {
	for _, conn := range f.conns {
		if s, err := conn.TLSConnectionState(); err == nil && s.PeerCertificates[0].Equal(certificate) {
			n++
		}
	}
	return n
}

func (f *fleetOfTokens) close() {
	for _, conn := range f.conns {
		if conn != nil {
			conn.Close()
		}
	}
}
