// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"nationtech.io/harmony/fleet/issuer"
)

// identityOptions say how much is measured.
type identityOptions struct {
	devices, connects, calm, rounds int
	parts                           []identityPart
}

// An identityPart can be measured by itself.
type identityPart struct {
	name, what string
	lifetime   time.Duration // of tokens
	measure    func(*identityWorld, context.Context) error
}

func identityParts() []identityPart {
	return []identityPart{
		{"connects", "connections with a token beside plain ones, without TLS and with it", issuer.TokenLifetime, (*identityWorld).connecting},
		{"killed", "NATS is killed", issuer.TokenLifetime, (*identityWorld).killed},
		{"reloaded", "NATS is reloaded with other accounts while all tokens are good", issuer.TokenLifetime, (*identityWorld).reloaded},
		{"expired", "the same when all tokens have expired", shortLifetime, (*identityWorld).expired},
		{"certified", "NATS gets a new certificate, then one of a new authority, and is killed after each", issuer.TokenLifetime, (*identityWorld).certified},
		{"dead", "the callout is dead for several lifetimes of a token, and NATS is killed meanwhile", shortLifetime, (*identityWorld).dead},
		{"revoked", "devices are revoked, one after the other, with three callouts", issuer.TokenLifetime, (*identityWorld).revoked},
	}
}

func (b *bench) identityOptions() (o identityOptions, err error) {
	fs := flag.NewFlagSet("bench identity", flag.ContinueOnError)
	fs.IntVar(&o.devices, "devices", 8000, "devices that come back at once")
	fs.IntVar(&o.connects, "connects", 2000, "connections of each kind that are made side by side in a round, not more than devices")
	fs.IntVar(&o.calm, "calm", 500, "connections that are made one after the other in a round, not more than devices")
	fs.IntVar(&o.rounds, "rounds", 3, "how often connections and the first storm are measured; the other storms are measured once")
	only := "measure these parts only, with commas between them; all when empty"
	for _, part := range identityParts() {
		only += fmt.Sprintf("\n%s: %s", part.name, part.what)
	}
	names := fs.String("only", "", only)
	fs.StringVar(&b.cluster, "cluster", b.cluster, "name of the local cluster, which is taken down afterwards")
	fs.StringVar(&b.kubeconfig, "kubeconfig", "", "leads to an API server that is there for this alone, in place of a local cluster")
	if err := fs.Parse(b.args); err != nil {
		return o, err
	}
	if fs.NArg() > 0 || o.devices < 1 || o.connects < 1 || o.connects > o.devices || o.calm < 1 || o.calm > o.devices || o.rounds < 1 {
		return o, fmt.Errorf("there are no arguments, and connects and calm are at least one and at most as many as devices: %w", os.ErrInvalid)
	}
	o.parts, err = chosen(*names)
	return o, err
}

// chosen are the parts of those names, in the order in which they are measured.
func chosen(names string) (parts []identityPart, err error) {
	all := identityParts()
	if names == "" {
		return all, nil
	}
	for name := range strings.SplitSeq(names, ",") {
		if !slices.ContainsFunc(all, func(p identityPart) bool { return p.name == name }) {
			return nil, fmt.Errorf("there is no part %q: %w", name, os.ErrInvalid)
		}
	}
	return slices.DeleteFunc(all, func(p identityPart) bool { return !slices.Contains(strings.Split(names, ","), p.name) }), nil
}

// identities measures what it costs to know who connects: on one server, connections whose token a callout verifies beside
// connections with a user and a password, without TLS and with it; and fleets that come back all at once.
func (b *bench) identities(ctx context.Context) (err error) {
	o, err := b.identityOptions()
	if err != nil {
		return err
	}
	// This process and the server have each end of a socket, and some files beside.
	if err := files(uint64(o.devices) + 1000); err != nil {
		return err
	}
	w := &identityWorld{identityOptions: o, callouts: map[bool]float64{}}
	if w.kubeconfig = b.kubeconfig; w.kubeconfig == "" {
		if w.kubeconfig, err = b.up(ctx); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, b.down(context.WithoutCancel(ctx))) }()
	}
	if err := w.kubernetes.open(ctx); err != nil {
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
	for _, part := range o.parts {
		if err := w.issue(ctx, part.lifetime); err != nil {
			return err
		}
		if err := part.measure(w, ctx); err != nil {
			return fmt.Errorf("%s: %w", part.name, err)
		}
	}
	return nil
}

// connecting prints what connections cost.
func (w *identityWorld) connecting(ctx context.Context) error {
	for _, secured := range []bool{false, true} {
		if err := w.serve(ctx, secured); err != nil {
			return err
		}
		suffix := ""
		if secured {
			suffix = "_tls"
		}
		var plain, verified, p50, p99, plainP50, plainP99 series
		for range w.rounds {
			n, err := w.connect(ctx, w.connects, w.connects, w.asUser)
			if err != nil {
				return err
			}
			plain = append(plain, n.rate)
			if n, err = w.connect(ctx, w.connects, w.connects, w.withToken); err != nil {
				return err
			}
			verified = append(verified, n.rate)
			if n, err = w.connect(ctx, w.calm, 1, w.asUser); err != nil {
				return err
			}
			plainP50, plainP99 = append(plainP50, n.p50), append(plainP99, n.p99)
			if n, err = w.connect(ctx, w.calm, 1, w.withToken); err != nil {
				return err
			}
			p50, p99 = append(p50, n.p50), append(p99, n.p99)
		}
		verified.printAgainst("callout_connects"+suffix, "1/s", "plain_connects"+suffix, plain)
		p50.printAgainst("connect_p50"+suffix, "ms", "plain_connect_p50"+suffix, plainP50)
		p99.printAgainst("connect_p99"+suffix, "ms", "plain_connect_p99"+suffix, plainP99)
		w.callouts[secured] = verified.median()
		if err := w.unserve(); err != nil {
			return err
		}
	}
	return nil
}
