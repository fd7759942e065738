// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
)

// identityOptions say how much is measured.
type identityOptions struct {
	devices, connects, calm, rounds int
}

func (b *bench) identityOptions() (o identityOptions, err error) {
	fs := flag.NewFlagSet("bench identity", flag.ContinueOnError)
	fs.IntVar(&o.devices, "devices", 8000, "devices that come back at once")
	fs.IntVar(&o.connects, "connects", 2000, "connections of each kind that are made side by side in a round, not more than devices")
	fs.IntVar(&o.calm, "calm", 500, "connections that are made one after the other in a round, not more than devices")
	fs.IntVar(&o.rounds, "rounds", 3, "how often each figure is measured")
	fs.StringVar(&b.cluster, "cluster", b.cluster, "name of the local cluster, which is taken down afterwards")
	if err := fs.Parse(b.args); err != nil {
		return o, err
	}
	if fs.NArg() > 0 || o.devices < 1 || o.connects < 1 || o.connects > o.devices || o.calm < 1 || o.calm > o.devices || o.rounds < 1 {
		return o, fmt.Errorf("there are no arguments, and connects and calm are at least one and at most as many as devices: %w", os.ErrInvalid)
	}
	return o, nil
}

// identities measures what it costs to know who connects: on one server, connections whose token a callout verifies beside
// connections with a user and a password, without TLS and with it; and a fleet that comes back after its server was killed.
func (b *bench) identities(ctx context.Context) (err error) {
	o, err := b.identityOptions()
	if err != nil {
		return err
	}
	// This process and the server have each end of a socket, and some files beside.
	if err := files(uint64(o.devices) + 1000); err != nil {
		return err
	}
	if err := b.down(ctx); err != nil {
		return err
	}
	if _, err := command(ctx, "bin/localkube", "up", "--name", b.cluster); err != nil {
		return err
	}
	w := &identityWorld{identityOptions: o}
	if err := w.kubernetes.open(ctx, b.cluster); err != nil {
		return err
	}
	if w.dir, err = os.MkdirTemp("", "harmony-bench-"); err != nil {
		return fmt.Errorf("make a directory for servers: %w", err)
	}
	defer func() { _ = os.RemoveAll(w.dir) }() // it lies in the directory for temporary files
	defer func() { err = errors.Join(err, w.close()) }()
	if err := w.open(ctx); err != nil {
		return err
	}
	rate, err := w.connecting(ctx)
	if err != nil {
		return err
	}
	return w.storms(ctx, rate)
}

// connecting prints what connections cost, and gives how many a callout lets in each second, round by round.
func (w *identityWorld) connecting(ctx context.Context) (rate series, err error) {
	for _, secured := range []bool{false, true} {
		if err := w.serve(ctx, secured); err != nil {
			return nil, err
		}
		suffix := ""
		if secured {
			suffix = "_tls"
		}
		var plain, verified, calm series
		for range w.rounds {
			n, err := w.connect(ctx, w.connects, w.connects, w.asUser)
			if err != nil {
				return nil, err
			}
			plain = append(plain, n.rate)
			if n, err = w.connect(ctx, w.connects, w.connects, w.withToken); err != nil {
				return nil, err
			}
			verified = append(verified, n.rate)
			if n, err = w.connect(ctx, w.calm, 1, w.withToken); err != nil {
				return nil, err
			}
			calm = append(calm, n.p99*1000)
		}
		verified.printAgainst("callout_connects"+suffix, "1/s", "plain_connects"+suffix, plain)
		calm.print("connect_p99"+suffix, "ms")
		if !secured {
			rate = verified
		}
		if err := w.unserve(); err != nil {
			return nil, err
		}
	}
	return rate, nil
}
