// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"nationtech.io/harmony/fleet/agent/natstest"
	"nationtech.io/harmony/fleet/callout"
	"nationtech.io/harmony/fleet/contract"
	fleetstream "nationtech.io/harmony/fleet/stream"
	"nationtech.io/harmony/wait"
)

// serve starts NATS and a callout.
func (w *identityWorld) serve(ctx context.Context, secured bool) error {
	w.secured = secured
	if err := w.configure(); err != nil {
		return err
	}
	if err := w.startNATS(ctx); err != nil {
		return err
	}
	return w.startCallout(ctx)
}

// configure writes what NATS reads. Its accounts are others each time, by a limit that nobody reaches.
func (w *identityWorld) configure() error {
	w.accounts++
	operator, kicker := fleetstream.OperatorRights(), fleetstream.KickerRights()
	c := natstest.Config{
		Listen: fmt.Sprintf("127.0.0.1:%d", w.natsPort), Dir: w.file("streams"), Callout: &w.signing, Subscriptions: contract.DeviceSubscriptionLimit + w.accounts,
		Fleet: []natstest.User{
			{Name: calloutFor, Password: password, Rights: &contract.Rights{Publish: []string{callout.Answers + ">"}, Subscribe: []string{callout.Subject}}},
			{Name: operatorUser, Password: password, Rights: &operator},
		},
		System: []natstest.User{{Name: kickerUser, Password: password, Rights: &kicker}},
	}
	for n := range plainUsers {
		c.Devices = append(c.Devices, natstest.User{Name: plainUser(n), Password: password, Rights: natstest.Rights(w.devices[n%len(w.devices)].id)})
	}
	if w.secured {
		c.Certificate, c.Key = w.file("server.pem"), w.file("server.key")
	}
	if err := os.WriteFile(w.file("nats.conf"), []byte(c.Text()), 0o600); err != nil {
		return fmt.Errorf("configure NATS: %w", err)
	}
	return nil
}

func (w *identityWorld) startCallout(ctx context.Context) (err error) {
	w.calling, err = w.oneCallout(ctx, "callout.log", w.metrics)
	return err
}

// oneCallout starts a callout, and returns when it answers.
func (w *identityWorld) oneCallout(ctx context.Context, log, listen string) (one *process, err error) {
	args := []string{
		"--issuer", w.issuer, "--kubeconfig", w.kubeconfig, "--namespace", namespace, "--nats-url", w.url(), "--nats-user", calloutFor, "--nats-password-file", w.file("password"),
		"--keys", w.file("seeds"), "--listen", listen,
	}
	if w.secured {
		args = append(args, "--nats-ca-file", w.file("ca.pem"))
	}
	if one, err = start(ctx, w.file(log), w.file("callout"), args...); err != nil {
		return nil, err
	}
	return one, w.answers(ctx, "the callout", "http://"+listen+"/readyz")
}

func (w *identityWorld) startNATS(ctx context.Context) (err error) {
	w.nats, err = start(ctx, w.file("nats.log"), w.file("nats-server"), "--config", w.file("nats.conf"))
	return err
}

// listens waits until NATS does.
func (w *identityWorld) listens(ctx context.Context) error {
	return wait.Until(ctx, "NATS", wait.Pace{Limit: upLimit, Every: stormSeen}, func(ctx context.Context) (string, bool, error) {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", fmt.Sprintf("127.0.0.1:%d", w.natsPort))
		if err == nil {
			_ = conn.Close() // nothing was said on it
		}
		return fmt.Sprint(err), err == nil, nil
	})
}

// reload has NATS read its configuration anew, and gives how long that took.
func (w *identityWorld) reload(ctx context.Context) (time.Duration, error) {
	if err := w.configure(); err != nil {
		return 0, err
	}
	before, err := w.reloads()
	if err != nil {
		return 0, err
	}
	start := time.Now()
	if err := w.nats.reload(); err != nil {
		return 0, err
	}
	err = wait.Until(ctx, "NATS to be reloaded", wait.Pace{Limit: stormLimit, Every: stormSeen}, func(context.Context) (string, bool, error) {
		now, err := w.reloads()
		return fmt.Sprintf("%d reloads", now), now > before, err
	})
	return time.Since(start), err
}

// reloads are those that NATS has ended.
func (w *identityWorld) reloads() (int, error) {
	said, err := os.ReadFile(w.nats.log)
	if err != nil {
		return 0, fmt.Errorf("read what NATS has said: %w", err)
	}
	return bytes.Count(said, []byte("Reloaded server configuration")), nil
}

// unserve stops both. Devices are gone before: nats-server 2.15.2 panics where it is stopped while it asks about a connection.
func (w *identityWorld) unserve() error { return errors.Join(w.calling.stop(), w.nats.stop()) }

func freePorts(ctx context.Context, n int) (ports []int, err error) {
	for range n {
		free, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return nil, fmt.Errorf("find a port: %w", err)
		}
		defer func() { _ = free.Close() }() // nothing was said on it
		address, _ := free.Addr().(*net.TCPAddr)
		ports = append(ports, address.Port)
	}
	return ports, nil
}

func (w *identityWorld) url() string {
	scheme := "nats"
	if w.secured {
		scheme = "tls"
	}
	return fmt.Sprintf("%s://127.0.0.1:%d", scheme, w.natsPort)
}

func plainUser(n int) string { return fmt.Sprintf("plain-%d", n) }
