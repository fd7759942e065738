// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"

	natsgo "github.com/nats-io/nats.go"

	"nationtech.io/harmony/fleet/agent/natstest"
	"nationtech.io/harmony/fleet/contract"
	fleetstream "nationtech.io/harmony/fleet/stream"
	"nationtech.io/harmony/wait"
)

const (
	operatorUser = "operator"
	// password is that of everyone: the server listens on loopback, for this bench alone.
	password = "bench"
	// upLimit bounds how long a server takes until it answers.
	upLimit = time.Minute
)

func (f *fleetBench) url() string { return fmt.Sprintf("nats://127.0.0.1:%d", f.port) }

// serve starts a NATS with the accounts, the border and the rights of a fleet, and a user for each group of devices. It is
// the server that the fleet's Score deploys.
func (f *fleetBench) serve(ctx context.Context, groups [][]contract.DeviceID) error {
	free, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("find a port for NATS: %w", err)
	}
	address, _ := free.Addr().(*net.TCPAddr)
	f.port = address.Port
	if err := free.Close(); err != nil {
		return fmt.Errorf("find a port for NATS: %w", err)
	}
	store, err := os.MkdirTemp(f.dir, "streams-")
	if err != nil {
		return fmt.Errorf("make a directory for NATS: %w", err)
	}
	agent, err := contract.ParseDeviceID(agentID)
	if err != nil {
		return err
	}
	rights := fleetstream.OperatorRights()
	c := natstest.Config{
		Listen: free.Addr().String(), Dir: store, Fleet: []natstest.User{{Name: operatorUser, Password: password, Rights: &rights}},
		Devices: []natstest.User{{Name: agentID, Password: password, Rights: natstest.Rights(agent)}},
	}
	for _, devices := range groups {
		u := natstest.User{Name: devices[0].String(), Password: password, Rights: natstest.Rights(devices...)}
		c.Devices, c.Subscriptions = append(c.Devices, u), max(c.Subscriptions, len(u.Rights.Subscribe))
	}
	file := filepath.Join(f.dir, "nats.conf")
	if err := os.WriteFile(file, []byte(c.Text()), 0o600); err != nil {
		return fmt.Errorf("configure NATS: %w", err)
	}
	if f.nats, err = start(ctx, filepath.Join(f.dir, "nats.log"), filepath.Join(f.dir, "nats-server"), "--config", file); err != nil {
		return err
	}
	conn, err := f.connect(ctx)
	if err != nil {
		return errors.Join(err, f.nats.stop())
	}
	conn.Close()
	return nil
}

// connect connects with the rights of the operator.
func (f *fleetBench) connect(ctx context.Context) (conn *natsgo.Conn, err error) {
	err = wait.Until(ctx, "NATS", wait.Pace{Limit: upLimit}, func(context.Context) (string, bool, error) {
		var refused error
		conn, refused = natsgo.Connect(f.url(), natsgo.UserInfo(operatorUser, password), natsgo.CustomInboxPrefix(fleetstream.Inbox))
		return fmt.Sprint(refused), refused == nil, nil
	})
	return conn, err
}

// operate starts an operator, and returns when it leads, with the moment in which that was seen.
func (f *fleetBench) operate(ctx context.Context) (operator *process, leads time.Time, err error) {
	secret := filepath.Join(f.dir, "password")
	if err := os.WriteFile(secret, []byte(password), 0o600); err != nil {
		return nil, leads, fmt.Errorf("write a password: %w", err)
	}
	before, err := f.term(ctx)
	if err != nil {
		return nil, leads, err
	}
	operator, err = start(ctx, filepath.Join(f.dir, "operator.log"), "bin/harmony-fleet-operator", "--kubeconfig", f.kubeconfig, "--namespace", namespace,
		"--nats-url", f.url(), "--nats-user", operatorUser, "--nats-password-file", secret, "--health-listen=", "--metrics-listen=")
	if err != nil {
		return nil, leads, err
	}
	if f.died != nil {
		operator.watch(f.died)
	}
	err = wait.Until(ctx, "an operator to lead", wait.Pace{Limit: upLimit, Every: seen}, func(ctx context.Context) (string, bool, error) {
		now, err := f.term(ctx)
		leads = time.Now()
		return fmt.Sprintf("term %d", now), now > before, err
	})
	if err != nil {
		return nil, leads, errors.Join(err, operator.stop())
	}
	return operator, leads, nil
}
