// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	natsgo "github.com/nats-io/nats.go"
	"sigs.k8s.io/controller-runtime/pkg/client"

	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
	"nationtech.io/harmony/wait"
)

const (
	// kickerUser closes connections for the operator.
	kickerUser = "kicker"
	// revokedMost is how many devices are revoked at most.
	revokedMost = 50
	// revokeLimit bounds how long a connection may stand after that.
	revokeLimit = time.Minute
)

var errBack = errors.New("a device that was revoked was let in")

// revoked prints how long it takes from when access is taken from a device until its connection is closed and it is not let in any
// more with a token that is good.
func (w *identityWorld) revoked(ctx context.Context) (err error) {
	if err := w.serve(ctx, false); err != nil {
		return err
	}
	ports, err := freePorts(ctx, 2)
	if err != nil {
		return err
	}
	for i, port := range ports {
		other, err := w.oneCallout(ctx, fmt.Sprintf("callout-%d.log", i+2), fmt.Sprintf("127.0.0.1:%d", port))
		defer func() { err = errors.Join(err, other.stop()) }()
		if err != nil {
			return err
		}
	}
	operator, err := w.operate(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, operator.stop()) }()
	n := min(len(w.devices), revokedMost)
	var took series
	for i := range n {
		one, err := w.revoke(ctx, i)
		if err != nil {
			return err
		}
		took = append(took, one.Seconds())
	}
	fmt.Printf("FIGURE name=revoked value=%.3g unit=s worst=%.3g devices=%d callouts=%d\n", took.median(), slices.Max(took), n, 1+len(ports))
	return w.unserve()
}

// operate starts an operator that closes connections, and returns when it leads.
func (w *identityWorld) operate(ctx context.Context) (operator *process, err error) {
	before, err := w.term(ctx)
	if err != nil {
		return nil, err
	}
	operator, err = start(ctx, w.file("operator.log"), "bin/harmony-fleet-operator", "--kubeconfig", w.kubeconfig, "--namespace", namespace,
		"--nats-url", w.url(), "--nats-user", operatorUser, "--nats-password-file", w.file("password"),
		"--kick-nats-user", kickerUser, "--kick-nats-password-file", w.file("password"), "--health-listen=", "--metrics-listen=")
	if err != nil {
		return nil, err
	}
	err = wait.Until(ctx, "an operator to lead", wait.Pace{Limit: upLimit, Every: seen}, func(ctx context.Context) (string, bool, error) {
		now, err := w.term(ctx)
		return fmt.Sprintf("term %d", now), now > before, err
	})
	if err != nil {
		return nil, errors.Join(err, operator.stop())
	}
	return operator, nil
}

// revoke connects a device, takes its access, and gives how long its connection stood. It has its access again afterwards.
func (w *identityWorld) revoke(ctx context.Context, n int) (took time.Duration, err error) {
	d := w.devices[n]
	d.tokens = nil
	if _, err := w.mint(ctx, w.devices[n:n+1]); err != nil {
		return 0, err
	}
	closed := make(chan time.Time, 1)
	options := append(w.options(), w.withToken(n), natsgo.NoReconnect())
	conn, err := natsgo.Connect(w.url(), append(options, natsgo.ClosedHandler(func(*natsgo.Conn) { closed <- time.Now() }))...)
	if err != nil {
		return 0, fmt.Errorf("connect: %w", err)
	}
	defer conn.Close()
	since := time.Now()
	if err := w.access(ctx, d.id.String(), fleet.AccessRevoked); err != nil {
		return 0, err
	}
	defer func() {
		err = errors.Join(err, w.access(context.WithoutCancel(ctx), d.id.String(), fleet.AccessAllowed))
	}()
	limited, cancel := context.WithTimeout(ctx, revokeLimit)
	defer cancel()
	select {
	case at := <-closed:
		took = at.Sub(since)
	case <-limited.Done():
		return 0, fmt.Errorf("%s stays connected: %w", d.id, context.Cause(limited))
	}
	if again, err := natsgo.Connect(w.url(), options...); !errors.Is(err, natsgo.ErrAuthorization) {
		if err == nil {
			again.Close()
			err = errBack
		}
		return 0, fmt.Errorf("%s: %w", d.id, err)
	}
	return took, nil
}

// access says whether a device is let in.
func (w *identityWorld) access(ctx context.Context, device string, to fleet.Access) error {
	var d fleet.Device
	if err := w.client.Get(ctx, client.ObjectKey{Name: device}, &d); err != nil {
		return fmt.Errorf("read the Device %s: %w", device, err)
	}
	before := d.DeepCopy()
	d.Spec.Access = to
	if err := w.client.Patch(ctx, &d, client.MergeFrom(before)); err != nil {
		return fmt.Errorf("change the access of %s: %w", device, err)
	}
	return nil
}
